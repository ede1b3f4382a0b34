// Going backwards: the previous instruction, the last visit of an address, denser checkpoints.
//
// Rule: backwards is forwards from an earlier checkpoint. A state is found again by equality (registers, then memory), so every
// search runs from a checkpoint that is certainly before the origin up to the origin itself, and takes the last thing it saw.
// Example: reverse-continue from S with checkpoints A < B < S: run B..S with breakpoints in; a hit? the last one is the answer.
// None? run A..B, and so on.
#include <algorithm>
#include <utility>

#include "engine/session.h"

namespace fred {
namespace {

constexpr uint64_t step_window = 1500;        // so many single steps are cheaper than looking for a nearer start
constexpr uint64_t longest_step_window = 200000;
constexpr uint64_t window_stride = 100;       // a checkpoint after so many steps: the next reverse step is near one
constexpr uint64_t hit_stride = 200;          // a rolling checkpoint after so many breakpoint hits
constexpr int most_refinements = 60;
constexpr uint64_t most_stepped_events = 8;
constexpr uint64_t most_stepped_ns = 8000000;  // estimates of replayed stretches are rough: only clearly long gaps are not tried

}  // namespace

// Number of single steps from one state to a later one; nothing when it takes more than `most`. Ends anywhere in between.
// Leaves a checkpoint after every window_stride steps, each then known to be before `to`.
std::optional<uint64_t> Session::steps_between(const CheckpointRef& from, const CheckpointRef& to, uint64_t most,
                                               std::vector<CheckpointRef>& marks) {
  enter(from);
  Run run;
  run.mode = ResumeOptions::Mode::step;
  run.limit = to;
  run.honours_breakpoints = run.takes_checkpoints = false;
  for (uint64_t steps = 1; steps <= most && !interrupter_->is_requested(); steps++) {
    if (pending_) deliver(pending_->info.si_signo);
    const Halt halt = this->run(run);
    if (halt == Halt::limit) {
      for (const CheckpointRef& mark : marks) to->verified_before.push_back(mark->info.id);
      return steps;
    }
    if ((halt != Halt::stepped && halt != Halt::signal) || cursor_ > to->info.event) return std::nullopt;
    if (steps % window_stride == 0) {
      breakpoints_.lift_all();
      marks.push_back(capture(CheckpointKind::temporary));
    }
  }
  return std::nullopt;
}

bool Session::walk(uint64_t steps) {
  Run run;
  run.mode = ResumeOptions::Mode::step;
  run.honours_breakpoints = run.takes_checkpoints = false;
  for (uint64_t i = 0; i < steps; i++) {
    if (pending_) deliver(pending_->info.si_signo);
    const Halt halt = this->run(run);
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
    const Halt halt = this->run(run);
    if (halt != Halt::signal) return halt;
    run.starts_anew = deliver(pending_->info.si_signo);
    if (cursor_ >= event) return Halt::event;
  }
}

// The last time `address` was about to be executed between the two states (the later one excluded); null when never.
CheckpointRef Session::last_visit(const CheckpointRef& from, const CheckpointRef& to, uint64_t address) {
  Places places;
  places.addresses.insert(address);
  CheckpointRef found;
  Halt halt = Halt::event;
  scan(from, to, &places, found, halt);
  return found;
}

// `from` stands in some loop that ends before `to`: the last round of it, by counting rounds at nearly native speed.
CheckpointRef Session::last_counted_visit(const CheckpointRef& from, const CheckpointRef& to) {
  std::shared_ptr<MarkerPlan> plan = plan_marker(from);
  if (!plan) return nullptr;
  enter(from);
  marker_ = std::make_unique<Marker>(*tracee_, plan->address, plan->instruction);
  marker_plan_ = plan;
  marker_start_ = from;
  marker_target_ = to;
  auto run_to = [&](uint64_t visit) {
    marker_->set_visits(0);
    marker_->trap_at_visit(visit);
    breakpoints_.set_patch(marker_->patch());
    for (;;) {
      breakpoints_.insert({to->registers.rip}, false);
      const uint64_t pc = tracee_->registers().rip;
      if (pc == marker_->address()) skip_to_displaced();
      const bool must_lift = breakpoints_.is_wanted(pc);
      if (must_lift) breakpoints_.lift(pc);
      const Halt halt = advance(must_lift);
      if (halt == Halt::arrived && is_state(*to)) return false;
      if (halt == Halt::marker) return true;
      if (halt != Halt::event && halt != Halt::alarm && halt != Halt::stepped && halt != Halt::arrived) return false;
      if (interrupter_->is_requested()) return false;
    }
  };
  CheckpointRef found;
  run_to(~0ull);
  const uint64_t visits = marker_->visits();
  breakpoints_.lift_all();
  if (visits > 0 && !interrupter_->is_requested()) {
    enter(from);
    if (run_to(visits)) {
      breakpoints_.lift_all();
      found = capture(CheckpointKind::temporary);
    }
  }
  disengage_marker();
  return found;
}

// A state between the two that is nearer to `to`, or null.
CheckpointRef Session::nearer(const CheckpointRef& from, const CheckpointRef& to) {
  enter(from);
  if (to->info.event > from->info.event + 1) {
    if (replay_until_event(to->info.event - 1) != Halt::event || cursor_ <= from->info.event) return nullptr;
    breakpoints_.lift_all();
    return capture(CheckpointKind::temporary);
  }
  last_round_ = nullptr;
  Run measure;
  measure.limit = to;
  measure.honours_breakpoints = measure.takes_checkpoints = false;
  const uint64_t start = tracee_->cpu_ns();
  for (Halt halt = run(measure); halt == Halt::signal; halt = run(measure)) deliver(pending_->info.si_signo);
  const uint64_t gap = tracee_->cpu_ns() - start;
  // A loop that comes by the target's own address: its last round before the target.
  if (last_round_) return std::exchange(last_round_, nullptr);
  if (measure.misses > 0) {
    if (CheckpointRef found = last_visit(from, to, to->registers.rip); found && found != from) return found;
  }
  // Otherwise halve the time; where that lands is a busy place, and its last round is nearer still.
  for (uint64_t budget = gap / 2; budget > 1000; budget /= 4) {
    enter(from);
    Run half;
    half.limit = to;
    half.honours_breakpoints = half.takes_checkpoints = false;
    half.cpu_budget_ns = budget;
    if (run(half) != Halt::alarm) continue;
    breakpoints_.lift_all();
    CheckpointRef middle = capture(CheckpointKind::temporary);
    CheckpointRef last = last_counted_visit(middle, to);
    return last ? last : middle;
  }
  return nullptr;
}

Stop Session::reverse_step() {
  commit_patch();
  const CheckpointRef origin = here_or_take(CheckpointKind::temporary);
  remember_head();
  std::vector<CheckpointRef> past = past_of(*origin);
  if (past.empty()) return make_stop(StopKind::history_begin);
  CheckpointRef base = past.back();
  uint64_t most = step_window;
  for (int attempt = 0; attempt < most_refinements && !interrupter_->is_requested(); attempt++) {
    std::vector<CheckpointRef> marks;
    std::optional<uint64_t> steps;
    if (to_be_stepped(*base, *origin)) steps = steps_between(base, origin, most, marks);
    if (steps) {
      const uint64_t back = *steps - 1;  // the step before the last
      const uint64_t mark = back / window_stride;
      enter(mark > 0 ? marks[mark - 1] : base);
      walk(back % window_stride);
      is_at_head_ = false;
      Run none;
      return stop_for(Halt::stepped, none);
    }
    if (CheckpointRef better = nearer(base, origin)) {
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

bool Session::to_be_stepped(const Checkpoint& from, const Checkpoint& to) const {
  return to.info.event - from.info.event <= most_stepped_events && to.info.cpu_ns < from.info.cpu_ns + most_stepped_ns;
}

// Runs from one state to a later one and keeps the last hit on the way (breakpoints of the debugger, or `places`).
// `halt` tells why the run ended. True when there was a hit; `found` is then a checkpoint at the last one.
bool Session::scan(const CheckpointRef& from, const CheckpointRef& to, const Places* places, CheckpointRef& found, Halt& halt) {
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
  for (;;) {
    halt = this->run(run);
    if (halt == Halt::signal) {
      deliver(pending_->info.si_signo);
      run.starts_anew = true;
      if (ending_) break;
      continue;
    }
    run.starts_anew = false;
    if (halt != Halt::breakpoint && halt != Halt::watched_place && halt != Halt::watchpoint) break;
    hits++;
    since_rolling++;
    is_from = false;
    if (since_rolling % hit_stride == 0) {
      breakpoints_.lift_all();
      CheckpointRef previous = rolling;
      rolling = capture(CheckpointKind::temporary);
      since_rolling = 0;
      if (previous != from) forget_checkpoint(previous);
    }
    if (interrupter_->is_requested()) {
      halt = Halt::alarm;
      break;
    }
  }
  breakpoints_.lift_all();
  if (halt == Halt::alarm && interrupter_->is_requested()) return false;
  if (hits == 0) return false;
  if (is_from) {
    found = from;
    return true;
  }
  enter(rolling);
  run.starts_anew = false;
  for (uint64_t i = 0; i < since_rolling;) {
    const Halt again = this->run(run);
    if (again == Halt::signal) {
      deliver(pending_->info.si_signo);
      run.starts_anew = true;
      continue;
    }
    run.starts_anew = false;
    if (again != Halt::breakpoint && again != Halt::watched_place && again != Halt::watchpoint) break;
    last_halt_ = again;
    i++;
  }
  breakpoints_.lift_all();
  found = here_ ? here_ : capture(CheckpointKind::temporary);
  return true;
}

std::optional<Stop> Session::last_hit(const CheckpointRef& origin, const Places* places) {
  std::vector<CheckpointRef> past = past_of(*origin);
  CheckpointRef upper = origin;
  for (auto base = past.rbegin(); base != past.rend(); ++base) {
    CheckpointRef found;
    Halt halt = Halt::event;
    last_halt_ = Halt::breakpoint;
    if (scan(*base, upper, places, found, halt)) {
      enter(found);
      is_at_head_ = false;
      Run none;
      return stop_for(last_halt_ == Halt::watchpoint ? Halt::watchpoint : places ? Halt::stepped : Halt::breakpoint, none);
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

// Checkpoints at equal distances between two states, each certainly before `to`.
std::vector<CheckpointRef> Session::slice(const CheckpointRef& from, const CheckpointRef& to, unsigned count) {
  std::vector<CheckpointRef> made;
  enter(from);
  const uint64_t gap = to->info.cpu_ns > from->info.cpu_ns ? to->info.cpu_ns - from->info.cpu_ns : 0;
  const uint64_t events = to->info.event - from->info.event;
  Run run;
  run.honours_breakpoints = run.takes_checkpoints = false;
  run.limit = to;
  run.cpu_budget_ns = std::max<uint64_t>(gap / (count + 1), 20000);
  while (made.size() < 2 * count && !interrupter_->is_requested()) {
    Halt halt = Halt::event;
    if (events > 2 * count) {
      // Events are exact marks: no clock is needed.
      const uint64_t mark = from->info.event + events * (made.size() + 1) / (count + 1);
      halt = replay_until_event(mark);
      if (cursor_ >= to->info.event || halt != Halt::event) break;
    } else {
      if (pending_) deliver(pending_->info.si_signo);
      halt = this->run(run);
      if (halt == Halt::signal) continue;
      if (halt != Halt::alarm) break;
    }
    breakpoints_.lift_all();
    made.push_back(capture(CheckpointKind::temporary));
  }
  breakpoints_.lift_all();
  return made;
}

std::vector<CheckpointInfo> Session::densify(CheckpointId from_id, CheckpointId to_id, unsigned count) {
  commit_patch();
  remember_head();
  const CheckpointRef from = find(from_id), to = find(to_id);
  if (!is_before(*from, *to)) throw EngineError("ORDER", "densify", EINVAL, "the first state is not before the second");
  std::vector<CheckpointInfo> result;
  std::vector<CheckpointRef> made = slice(from, to, count);
  for (const CheckpointRef& each : made) {
    if (each->info.event == to->info.event && !is_ancestor(*each, *to)) to->verified_before.push_back(each->info.id);
    result.push_back(each->info);
  }
  enter(from);
  is_at_head_ = false;
  return result;
}

}  // namespace fred
