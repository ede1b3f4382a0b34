// Between two known states: steps, visits of an address, denser checkpoints. Every search of reverse.cc is made of these.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "engine/session/session.h"

namespace fred {
namespace {

constexpr uint64_t shortest_budget_ns = 1000;

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
