// Going backwards: the previous step, the last hit of a breakpoint or of a place.
//
// Rule: backwards is forwards from an earlier checkpoint. A state is found again by equality (registers, then memory), so every
// search runs from a checkpoint that is certainly before the origin up to the origin itself, and takes the last thing it saw.
// Example: reverse-continue from S with checkpoints A < B < S: run B..S with breakpoints in; a hit? the last one is the answer.
// None? run A..B, and so on.
#include <algorithm>
#include <utility>

#include "engine/session/session.h"

namespace fred {
namespace {

constexpr uint64_t hit_stride = 200;  // a rolling checkpoint after so many breakpoint hits
constexpr int deepest_search = 24;
constexpr int most_refinements = 60;
constexpr uint64_t most_stepped_events = 8;
constexpr uint64_t most_stepped_ns = 8000000;

}  // namespace
// From the present state on, to that in which the event with this number happens: directly behind the one before, or where it is bound
// to. Null when it is not met.
CheckpointRef Session::state_before(uint64_t event) {
  if (replay_until_event(event) != Halt::event || cursor_ != event) return nullptr;
  if (log()[event]->place == SignalPlace::anchored) {
    Run run;
    run.limit = std::const_pointer_cast<Checkpoint>(log()[event]->detail->anchor);
    run.honours_breakpoints = run.takes_checkpoints = false;
    Halt halt;
    do halt = this->run(run);
    while (halt == Halt::signal);
    if (halt != Halt::limit) return nullptr;
  }
  breakpoints_.lift_all();
  here_ = nullptr;
  return capture(CheckpointKind::temporary);
}

// Directly behind events that came in the middle of a computation (a turn was over, another thread's wait): the state before them. Null
// anywhere else.
CheckpointRef Session::state_before_turn(const CheckpointRef& from, const CheckpointRef& to) {
  uint64_t event = to->info.event;
  const auto is_passive = [&](const Event& each) { return is_scheduling(each) && each.place == SignalPlace::after_event; };
  while (event > from->info.event && is_passive(*log()[event - 1])) event--;
  if (event <= from->info.event) return nullptr;
  const Event& first = *log()[--event];
  if (!is_scheduling(first) || first.place != SignalPlace::anchored) return nullptr;
  enter(from);
  const CheckpointRef found = state_before(event);
  if (!found) return nullptr;
  if (meet_anchor(to.get()) == Halt::limit) return found;
  while (cursor_ < to->info.event && is_passive(*next_event())) replay_scheduling(*next_event());
  return is_state(*to) ? found : nullptr;
}

// To the last state before the present one in which the thread had its turn. False: it had none, or the state was not found.
bool Session::stand_where_turn_was_lost(ThreadId id) {
  uint64_t event = cursor_;
  const auto is_loss = [&](const Event& each) { return each.kind == EventKind::turn && each.thread == id; };
  while (event > 0 && !is_loss(*log()[event - 1])) event--;
  if (event-- == 0) return false;
  const CheckpointRef origin = here_or_take(CheckpointKind::temporary);
  std::vector<CheckpointRef> past = past_of(*origin);
  std::erase_if(past, [&](const CheckpointRef& each) { return each->info.event > event; });
  if (past.empty()) return false;
  enter(past.back());
  const CheckpointRef found = state_before(event);
  if (!found) return false;
  origin->verified_before.push_back(found->info.id);
  is_at_head_ = false;
  return thread_ == id;
}

Stop Session::reverse_step(int tid) {
  const ThreadId id = tid ? thread_of(tid) : thread_;
  Stop stop = step_back();
  while (tid && stop.kind == StopKind::step && thread_ != id) {
    const CheckpointRef here = here_or_take(CheckpointKind::temporary);
    if (!stand_where_turn_was_lost(id)) {
      enter(here);
      return make_stop(StopKind::history_begin);
    }
    // A thread that has lost its turn in a call stands before that call: its last step.
    Run none;
    stop = is_runnable(id) ? step_back() : stop_for(Halt::stepped, none);
  }
  return stop;
}

// By one step of whichever thread.
Stop Session::step_back() {
  commit_patch();
  const CheckpointRef origin = here_or_take(CheckpointKind::temporary);
  remember_head();
  std::vector<CheckpointRef> past = past_of(*origin);
  if (past.empty()) return make_stop(StopKind::history_begin);
  CheckpointRef base = past.back();
  auto stand_before = [&](const CheckpointRef& start, uint64_t steps) {
    enter(start);
    walk(steps);
    breakpoints_.lift_all();
    origin->verified_before.push_back(capture(CheckpointKind::temporary)->info.id);
    is_at_head_ = false;
    Run none;
    return stop_for(Halt::stepped, none);
  };
  if (CheckpointRef call = call_before(base, origin)) return stand_before(call, 0);
  if (CheckpointRef before = state_before_turn(base, origin)) return stand_before(before, 0);
  uint64_t most = step_window;
  for (int attempt = 0; attempt < most_refinements && !interrupter_->is_requested(); attempt++) {
    std::vector<CheckpointRef> marks;
    CheckpointRef hottest;
    std::optional<uint64_t> steps;
    if (to_be_stepped(*base, *origin, attempt == 0)) steps = steps_between(base, origin, most, window_stride, marks, &hottest);
    if (steps) {
      const uint64_t back = *steps - 1;  // the step before the last
      const uint64_t mark = back / window_stride;
      return stand_before(mark > 0 ? marks[mark - 1] : base, back % window_stride);
    }
    if (CheckpointRef round = round_before(base, origin)) {
      std::vector<CheckpointRef> none;
      if (steps_between(round, origin, 1, window_stride, none, nullptr)) return stand_before(round, 0);
    }
    if (CheckpointRef better = nearer(base, origin, hottest)) {
      base = better;
    } else {
      if (most >= longest_step_window) break;
      most *= 10;
    }
  }
  enter(origin);
  is_at_head_ = branches_[branch_].head == origin;
  return make_stop(StopKind::interrupted);
}

// The clocks of two checkpoints may have been read on different ways (live, replayed): they only tell whether to try at once.
bool Session::to_be_stepped(const Checkpoint& from, const Checkpoint& to, bool is_first) const {
  if (to.info.event - from.info.event > most_stepped_events) return false;
  return !is_first || to.info.cpu_ns < from.info.cpu_ns + most_stepped_ns;
}

// Runs from one state to a later one and keeps the last hit on the way (breakpoints of the debugger, or `places`).
// `found` is then a checkpoint at the last one; when there are more than `most`, at one that need not be the last.
Session::Hits Session::scan(const CheckpointRef& from, const CheckpointRef& to, const Places* places, uint64_t most, CheckpointRef& found) {
  enter(from);
  Run run;
  run.limit = to;
  run.places = places;
  run.honours_breakpoints = places == nullptr;
  run.takes_checkpoints = false;
  CheckpointRef rolling = from;
  uint64_t since_rolling = 0, hits = 0;
  const bool starts_on_hit = places ? places->holds(tracee_->registers())
                                    : breakpoints_.at(tracee_->registers().rip) && condition_holds(*breakpoints_.at(tracee_->registers().rip));
  if (starts_on_hit && !from->ending) hits = 1;
  bool is_from = hits == 1;
  while (hits <= most) {
    const Halt halt = this->run(run);
    if (halt == Halt::signal) continue;  // the next run delivers it
    run.starts_anew = false;
    if (halt != Halt::breakpoint && halt != Halt::watched_place && halt != Halt::watchpoint) break;
    last_halt_ = halt;
    hits++;
    since_rolling++;
    is_from = false;
    // Only a watchpoint reports behind the access, and so in the very state that ends the search.
    if (halt == Halt::watchpoint && is_at_limit(run)) break;
    if (since_rolling % hit_stride == 0) {
      breakpoints_.lift_all();
      CheckpointRef previous = rolling;
      rolling = capture(CheckpointKind::temporary);
      here_ = nullptr;
      since_rolling = 0;
      if (previous != from) forget_checkpoint(previous);
    }
    if (interrupter_->is_requested()) break;
  }
  breakpoints_.lift_all();
  if (interrupter_->is_requested() || hits == 0) return Hits::none;
  if (is_from) {
    found = from;
    return Hits::last;
  }
  if (hits > most) {
    found = capture(CheckpointKind::temporary);
    return Hits::too_many;
  }
  enter(rolling);
  run.starts_anew = false;
  for (uint64_t i = 0; i < since_rolling;) {
    const Halt again = this->run(run);
    if (again == Halt::signal) continue;
    run.starts_anew = false;
    if (again != Halt::breakpoint && again != Halt::watched_place && again != Halt::watchpoint) break;
    last_halt_ = again;
    i++;
  }
  breakpoints_.lift_all();
  found = here_ ? here_ : is_at_limit(run) ? to : capture(CheckpointKind::temporary);
  return Hits::last;
}

// The last hit between two states. Where hits are too many to count, the search goes on nearer to the end.
CheckpointRef Session::last_hit_between(const CheckpointRef& from, const CheckpointRef& to, const Places* places, int depth) {
  CheckpointRef found;
  const Hits hits = scan(from, to, places, depth < deepest_search ? most_counted_hits : ~0ull, found);
  if (found && found != to) to->verified_before.push_back(found->info.id);
  if (hits != Hits::too_many) return found;
  // Where each visit is a hit, the round before the last visit is followed by one hit at that place.
  const BreakpointSpec* spec = places ? nullptr : breakpoints_.at(found->registers.rip);
  CheckpointRef closer = spec && spec->conditions.empty() ? last_counted_visit(found, to, 1) : nullptr;
  if (!closer || closer == found) closer = nearer(found, to, nullptr);
  if (interrupter_->is_requested()) return nullptr;
  if (!closer || closer == found) return last_hit_between(found, to, places, deepest_search);
  if (CheckpointRef last = last_hit_between(closer, to, places, depth + 1)) return last;
  // None behind `closer`: what counts stands before it.
  CheckpointRef last = last_hit_between(found, closer, places, depth + 1);
  return last ? last : found;
}

std::optional<Stop> Session::last_hit(const CheckpointRef& origin, const Places* places) {
  std::vector<CheckpointRef> past = past_of(*origin);
  CheckpointRef upper = origin;
  for (auto base = past.rbegin(); base != past.rend(); ++base) {
    last_halt_ = Halt::breakpoint;
    if (CheckpointRef found = last_hit_between(*base, upper, places, 0)) {
      enter(found);
      is_at_head_ = false;
      Run none;
      if (last_halt_ != Halt::watchpoint) return stop_for(places ? Halt::stepped : Halt::breakpoint, none);
      // Forwards a watchpoint reports behind the access, backwards before it.
      const BreakpointSpec watched = *watch_hit_;
      const Stop before = step_back();
      watch_hit_ = &(last_watch_ = watched);
      return before.kind == StopKind::step ? stop_for(Halt::watchpoint, none) : before;
    }
    if (interrupter_->is_requested()) {
      enter(origin);
      is_at_head_ = branches_[branch_].head == origin;
      return make_stop(StopKind::interrupted);
    }
    upper = *base;
  }
  return std::nullopt;
}

Stop Session::reverse_continue() {
  commit_patch();
  const CheckpointRef origin = here_or_take(CheckpointKind::temporary);
  remember_head();
  if (std::optional<Stop> stop = last_hit(origin, nullptr)) return *stop;
  std::vector<CheckpointRef> past = past_of(*origin);
  if (!past.empty()) enter(past.front());
  is_at_head_ = past.empty() && is_at_head_;
  return make_stop(StopKind::history_begin);
}

Stop Session::rewind(const Places& places) {
  commit_patch();
  const CheckpointRef origin = here_or_take(CheckpointKind::temporary);
  remember_head();
  if (std::optional<Stop> stop = last_hit(origin, &places)) return *stop;
  enter(origin);
  is_at_head_ = branches_[branch_].head == origin;
  return make_stop(StopKind::history_begin);
}

}  // namespace fred
