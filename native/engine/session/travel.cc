// Going backwards: the previous instruction, the last visit of an address, denser checkpoints.
//
// Rule: backwards is forwards from an earlier checkpoint. A state is found again by equality (registers, then memory), so every
// search runs from a checkpoint that is certainly before the origin up to the origin itself, and takes the last thing it saw.
// Example: reverse-continue from S with checkpoints A < B < S: run B..S with breakpoints in; a hit? the last one is the answer.
// None? run A..B, and so on.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "engine/session/session.h"

namespace fred {
namespace {

constexpr uint64_t step_window = 1500;        // so many single steps are cheaper than looking for a nearer start
constexpr uint64_t longest_step_window = 200000;
constexpr uint64_t window_stride = 100;       // a checkpoint after so many steps: the next reverse step is near one
constexpr uint64_t hit_stride = 200;          // a rolling checkpoint after so many breakpoint hits
constexpr uint64_t most_counted_hits = 600;
constexpr int deepest_search = 24;
constexpr int most_refinements = 60;
constexpr uint64_t shortest_budget_ns = 1000;
constexpr uint64_t most_stepped_events = 8;
constexpr uint64_t most_stepped_ns = 8000000;

}  // namespace

// One single step of `run`; with a signal pending, to enter its handler is one.
Halt Session::step_or_deliver(Run& run) {
  if (pending_ && deliver(pending_->info.si_signo)) return is_at_limit(run) ? Halt::limit : Halt::stepped;
  return this->run(run);  // also when the signal was dropped, and that alone led to the limit
}

// Number of single steps from one state to a later one; nothing when it takes more than `most`. Ends anywhere in between.
// Leaves a checkpoint after every `stride` steps, each then known to be before `to`. `hottest` is the one at whose address the
// program came by most often (the later of equals): it stands in a loop, if there is one.
std::optional<uint64_t> Session::steps_between(const CheckpointRef& from, const CheckpointRef& to, uint64_t most, uint64_t stride,
                                               std::vector<CheckpointRef>& marks, CheckpointRef* hottest) {
  std::unordered_map<uint64_t, uint64_t> visits;
  enter(from);
  Run run;
  run.mode = ResumeOptions::Mode::step;
  run.limit = to;
  run.honours_breakpoints = run.takes_checkpoints = false;
  for (uint64_t steps = 1; steps <= most && !interrupter_->is_requested(); steps++) {
    const Halt halt = step_or_deliver(run);
    if (halt == Halt::limit) {
      for (const CheckpointRef& mark : marks) to->verified_before.push_back(mark->info.id);
      return steps;
    }
    if ((halt != Halt::stepped && halt != Halt::signal) || cursor_ > to->info.event) return std::nullopt;
    visits[tracee_->registers().rip]++;
    if (steps % stride == 0) {
      breakpoints_.lift_all();
      marks.push_back(capture(CheckpointKind::temporary));
    }
  }
  for (const CheckpointRef& mark : marks)
    if (hottest && (!*hottest || visits[mark->info.pc] >= visits[(*hottest)->info.pc])) *hottest = mark;
  return std::nullopt;
}

bool Session::walk(uint64_t steps) {
  Run run;
  run.mode = ResumeOptions::Mode::step;
  run.honours_breakpoints = run.takes_checkpoints = false;
  for (uint64_t i = 0; i < steps; i++) {
    const Halt halt = step_or_deliver(run);
    if (halt != Halt::stepped && halt != Halt::signal) return false;
  }
  return true;
}

// From the present position on, until so many events lie behind.
Halt Session::replay_until_event(uint64_t event) {
  Run run;
  run.honours_breakpoints = run.takes_checkpoints = false;
  run.until_event = event;
  for (;;) {
    if (cursor_ >= event) return Halt::event;
    const Halt halt = this->run(run);
    if (halt != Halt::signal) return halt;
  }
}

// The last time `address` was about to be executed between the two states (the later one excluded); null when never, or too
// often to stop there each time.
CheckpointRef Session::last_visit(const CheckpointRef& from, const CheckpointRef& to, uint64_t address) {
  Places places;
  places.addresses.insert(address);
  CheckpointRef found;
  return scan(from, to, &places, most_counted_hits, found) == Hits::last ? found : nullptr;
}

// `from` stands in some loop that ends before `to`: the last round of it (or so many before it), by counting rounds at nearly native
// speed.
CheckpointRef Session::last_counted_visit(const CheckpointRef& from, const CheckpointRef& to, uint64_t rounds_before) {
  const std::vector<CheckpointRef> last = stop_at_visits(from, to, plan_marker(from), 1, true, rounds_before);
  return last.empty() ? nullptr : last.back();
}

// Runs from one state to a later one: how long that takes, and how often it comes by the later one's address before.
Session::Stretch Session::measure(const CheckpointRef& from, const CheckpointRef& to) {
  enter(from);
  Run run;
  run.limit = to;
  run.honours_breakpoints = run.takes_checkpoints = false;
  const uint64_t start = tracee_->cpu_ns();
  while (this->run(run) == Halt::signal) {
  }
  return {tracee_->cpu_ns() - start, run.misses};
}

// Directly behind a system call: the state before it. Null anywhere else.
CheckpointRef Session::call_before(CheckpointRef from, const CheckpointRef& to) {
  const uint64_t at = to->registers.rip - 2;
  const uint64_t event = to->info.event;
  uint8_t code[2] = {};
  const bool is_possible = event > from->info.event && log()[event - 1]->kind == EventKind::syscall &&
                           tracee_->read(at, code, 2) == 2 && code[0] == 0x0f && code[1] == 0x05;
  if (!is_possible) return nullptr;
  if (event > from->info.event + 1) {
    enter(from);
    if (replay_until_event(event - 1) != Halt::event || cursor_ != event - 1) return nullptr;
    breakpoints_.lift_all();
    from = capture(CheckpointKind::temporary);
  }
  const CheckpointRef call = last_visit(from, to, at);
  std::vector<CheckpointRef> none;
  return call && steps_between(call, to, 1, window_stride, none, nullptr) ? call : nullptr;
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
  Run run;
  run.limit = std::const_pointer_cast<Checkpoint>(first.detail->anchor);
  run.honours_breakpoints = run.takes_checkpoints = false;
  Halt halt;
  do halt = this->run(run);
  while (halt == Halt::signal);
  if (halt != Halt::limit) return nullptr;
  breakpoints_.lift_all();
  here_ = nullptr;
  const CheckpointRef found = capture(CheckpointKind::temporary);
  if (meet_anchor(to.get()) == Halt::limit) return found;
  while (cursor_ < to->info.event && is_passive(*next_event())) replay_scheduling(*next_event());
  return is_state(*to) ? found : nullptr;
}

// A state between the two that is nearer to `to`, or null. `hot`: a state between them that may stand in a loop, or null.
CheckpointRef Session::nearer(const CheckpointRef& from, const CheckpointRef& to, const CheckpointRef& hot) {
  enter(from);
  if (to->info.event > from->info.event + 1) {
    if (replay_until_event(to->info.event - 1) != Halt::event || cursor_ <= from->info.event) return nullptr;
    breakpoints_.lift_all();
    return capture(CheckpointKind::temporary);
  }
  if (const uint64_t string = string_before(to->registers.rip)) {
    if (CheckpointRef found = last_visit(from, to, string); found && found != from) return found;
  }
  // A loop that comes by near the target: its last round before it.
  const std::vector<CheckpointRef> round = stop_at_visits(from, to, plan_marker(to), 1, false);
  if (!round.empty() && round.back() != from) return round.back();
  const Stretch stretch = measure(from, to);
  // From some number on a run looks for its end by a marker and counts no more.
  if (stretch.target_visits > 0 && stretch.target_visits < misses_before_marker) {
    if (CheckpointRef found = last_visit(from, to, to->registers.rip); found && found != from) return found;
  }
  // Otherwise halve the time; where that lands is a busy place, and its last round is nearer still.
  CheckpointRef middle = middle_of(from, to, stretch.cpu_ns);
  if (!middle) middle = hot;
  if (!middle) return nullptr;
  CheckpointRef last = last_counted_visit(middle, to);
  return last ? last : middle;
}

// To the last state before the present one in which the thread had its turn. False: it had none, or the state was not found.
bool Session::stand_where_turn_was_lost(ThreadId id) {
  uint64_t event = cursor_;
  const auto is_loss = [&](const Event& each) { return each.kind == EventKind::turn && each.thread == id; };
  while (event > 0 && !is_loss(*log()[event - 1])) event--;
  if (event-- == 0) return false;
  const CheckpointRef origin = here_or_take(CheckpointKind::temporary);
  const Event& loss = *log()[event];
  std::vector<CheckpointRef> past = past_of(*origin);
  std::erase_if(past, [&](const CheckpointRef& each) { return each->info.event > event; });
  if (past.empty()) return false;
  enter(past.back());
  if (replay_until_event(event) != Halt::event || cursor_ != event) return false;
  if (loss.place == SignalPlace::anchored) {
    Run run;
    run.limit = std::const_pointer_cast<Checkpoint>(loss.detail->anchor);
    run.honours_breakpoints = run.takes_checkpoints = false;
    if (this->run(run) != Halt::limit) return false;
  }
  breakpoints_.lift_all();
  here_ = nullptr;
  origin->verified_before.push_back(capture(CheckpointKind::temporary)->info.id);
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

// A state somewhere in the middle of the time between the two; null when they are too close for the clock.
CheckpointRef Session::middle_of(const CheckpointRef& from, const CheckpointRef& to, uint64_t gap_ns) {
  for (uint64_t budget = gap_ns / 2; budget > shortest_budget_ns; budget /= 4) {
    enter(from);
    Run half;
    half.limit = to;
    half.honours_breakpoints = half.takes_checkpoints = false;
    half.cpu_budget_ns = budget;
    if (run(half) != Halt::alarm || interrupter_->is_requested()) continue;
    breakpoints_.lift_all();
    CheckpointRef middle = capture(CheckpointKind::temporary);
    if (middle == from) continue;
    to->verified_before.push_back(middle->info.id);
    return middle;
  }
  return nullptr;
}

// Checkpoints between two states, about `count`, each certainly before `to`; ends anywhere between them.
std::vector<CheckpointRef> Session::slice(const CheckpointRef& from, const CheckpointRef& to, unsigned count) {
  std::vector<CheckpointRef> made;
  const uint64_t events = to->info.event - from->info.event;
  if (events > 0) {
    // Events are exact marks; the state behind the last of them may be `to` itself.
    enter(from);
    const uint64_t parts = std::min<uint64_t>(events, count);
    for (uint64_t part = 1; part <= parts && !interrupter_->is_requested(); part++) {
      if (replay_until_event(from->info.event + events * part / parts) != Halt::event) break;
      if (cursor_ > to->info.event || is_state(*to)) break;
      breakpoints_.lift_all();
      made.push_back(capture(CheckpointKind::temporary));
    }
    if (!made.empty()) return made;
  }
  made = stop_at_visits(from, to, plan_marker(to), count, false);
  if (made.size() < count / 2 && !interrupter_->is_requested()) {
    if (CheckpointRef middle = middle_of(from, to, measure(from, to).cpu_ns)) {
      std::vector<CheckpointRef> more = stop_at_visits(from, to, plan_marker(middle), count, true);
      if (more.size() > made.size()) made = std::move(more);
      if (made.empty()) made.push_back(middle);
    }
  }
  if (!made.empty() || interrupter_->is_requested()) return made;
  // Too short for the clock, and the place of the later state is met once: by single steps when they lead there, else by the rounds of
  // the loop that they have come to, else as far as they have come.
  for (const auto& [most, stride] : {std::pair{2 * step_window, window_stride}, std::pair{longest_step_window / 2, 2 * step_window}}) {
    std::vector<CheckpointRef> marks;
    CheckpointRef hottest;
    if (steps_between(from, to, most, stride, marks, &hottest)) return marks;
    if (hottest) made = stop_at_visits(from, to, plan_marker(hottest), count, true);
    const bool has_come_far = made.empty() && marks.size() == most / stride && most > 2 * step_window;
    for (const CheckpointRef& mark : marks) {
      if (has_come_far) to->verified_before.push_back(mark->info.id);
      else if (std::find(made.begin(), made.end(), mark) == made.end()) forget_checkpoint(mark);
    }
    if (!made.empty()) return made;
    if (has_come_far) return marks;
  }
  return {};
}

std::vector<CheckpointInfo> Session::densify(CheckpointId from_id, CheckpointId to_id, unsigned count) {
  commit_patch();
  remember_head();
  const CheckpointRef from = find(from_id), to = find(to_id);
  if (!is_before(*from, *to)) throw EngineError("ORDER", "densify", EINVAL, "the first state is not before the second");
  std::vector<CheckpointInfo> result;
  std::vector<CheckpointRef> made = slice(from, to, count);
  for (const CheckpointRef& each : made) {
    if (!is_before(*each, *to)) to->verified_before.push_back(each->info.id);
    result.push_back(each->info);
  }
  enter(from);
  is_at_head_ = false;
  return result;
}

}  // namespace fred
