// Finding one state in a hot loop quickly: a marker near it, and the count of its visits.
//
// Rule: from the wanted state T step forward to the first instruction that a marker can stand on; that state is M, k steps after
// T. Run with a marker that traps in M. When it traps on visit n, T lies between visits n-1 and n: start again, stop at visit
// n-1, and single-step to T. Example: T in a loop of 10^6 rounds, M three instructions later: one run at nearly native speed,
// a second one that stops a round before, some ten single steps.
#include <cstring>
#include <set>

#include "engine/session/session.h"

namespace fred {
namespace {

constexpr int most_steps_to_marker = 64;
constexpr size_t most_words = 16, words_of_a_page = 3, most_pages = 64;
constexpr uint64_t most_steps_from_visit = 20000;
// Stops at a busy address that a run with a marker may cost.
constexpr int most_arrivals = 5000;

// At most `most` of the words of a page in [lowest, end).
void add_differing_words(std::vector<MarkerWord>& words, uint64_t address, const Page& from, const Page& to, uint64_t lowest, uint64_t end,
                         size_t most) {
  size_t found = 0;
  for (size_t at = 0; at < page_size && found < most && words.size() < most_words; at += 8) {
    if (address + at < lowest || address + at >= end) continue;
    uint64_t old, wanted;
    memcpy(&old, from.bytes.data() + at, 8);
    memcpy(&wanted, to.bytes.data() + at, 8);
    if (old == wanted) continue;
    words.push_back({address + at, wanted});
    found++;
  }
}

// Words by which the two images differ: those of the live stack first, they hold what loops count; then what lies below the stack
// pointer, where a function that calls no other one keeps its variables.
std::vector<MarkerWord> telling_words(const MemoryImage& from, const MemoryImage& to, uint64_t sp) {
  std::vector<MarkerWord> words;
  const uint64_t live = page_of(sp), below = page_of(sp - red_zone);
  const auto add = [&](uint64_t page, uint64_t lowest, uint64_t end, size_t most) {
    PageRef a = from.pages.find(page), b = to.pages.find(page);
    if (a && b) add_differing_words(words, page, *a, *b, lowest, end, most);
  };
  add(live, sp, ~0ull, most_words / 2);
  for (const uint64_t page : std::set<uint64_t>{below, live}) add(page, sp - red_zone, sp, most_words / 4);
  size_t pages = 0;
  PageIndex::for_each_difference(from.pages, to.pages, [&](uint64_t address, const PageRef& old, const PageRef& wanted) {
    if (old && wanted && address != live && pages++ < most_pages) add_differing_words(words, address, *old, *wanted, 0, ~0ull, words_of_a_page);
  });
  return words;
}

}  // namespace

// One instruction, whatever the interrupter wants meanwhile (the run that this belongs to asks later).
Halt Session::step_once() {
  for (;;) {
    const Halt halt = advance(true);
    if (halt != Halt::alarm) return halt;
    tracee_->note_swallowed_stop();
  }
}

// The state that the present run looks for between two events: its limit, or what the next event is bound to.
CheckpointRef Session::target_of(const Run& run) const {
  if (is_scratch_) return nullptr;
  if (run.limit && run.limit->info.event == cursor_) return run.limit;
  const Event* next = next_event();
  if (!next || !next_anchor()) return nullptr;
  return std::const_pointer_cast<Checkpoint>(next->detail->anchor);
}

// Leaves the program anywhere. Null when no instruction near the target can carry a marker.
std::shared_ptr<Session::MarkerPlan> Session::plan_marker(const CheckpointRef& target) {
  if (auto known = marker_plans_.find(target->info.id); known != marker_plans_.end()) return known->second;
  auto plan = std::make_shared<MarkerPlan>();
  enter(target);
  // A run that looks for the target does not know yet that a signal waits there, and goes on.
  pending_.reset();
  std::shared_ptr<MarkerPlan>& slot = marker_plans_[target->info.id];
  const uint64_t event = cursor_;
  for (int step = 0; step <= most_steps_to_marker; step++) {
    const uint64_t pc = tracee_->registers().rip;
    if (std::optional<MarkedCode> code = find_markable(*tracee_, pc)) {
      plan->code = std::move(*code);
      plan->registers = tracee_->registers();
      memory_->sync();
      plan->memory = memory_->image();
      plan->memory.unsettled = target->memory.unsettled;
      slot = plan;
      break;
    }
    plan->path.push_back(tracee_->registers());
    if (step_once() != Halt::stepped || cursor_ != event || ending_) break;
  }
  return slot;
}

// An int3 inside the marked instruction and the marker's jump would break each other.
bool Session::covers_any(const MarkerPlan& plan, const std::set<uint64_t>& addresses) {
  const auto first = addresses.lower_bound(plan.code.address);
  return first != addresses.end() && *first < plan.code.address + plan.code.length;
}

bool Session::engage_marker(Run& run) {
  const CheckpointRef target = target_of(run);
  if (!target || run.mode != ResumeOptions::Mode::run || marker_ || run.misses < misses_before_marker || run.is_marker_useless) return false;
  breakpoints_.lift_all();
  const CheckpointRef start = capture(CheckpointKind::temporary);
  std::shared_ptr<MarkerPlan> plan = plan_marker(target);
  enter(start);
  here_ = nullptr;
  std::set<uint64_t> others = random_sites_;
  if (run.places) others.insert(run.places->addresses.begin(), run.places->addresses.end());
  for (const BreakpointSpec& spec : breakpoints_.all()) others.insert(spec.address);
  if (!plan || covers_any(*plan, others) || plan->code.has_inside(tracee_->registers().rip)) {
    run.is_marker_useless = true;
    return false;
  }
  marker_ = std::make_unique<Marker>(*tracee_, plan->code);
  marker_->trap_in_state(plan->registers, telling_words(start->memory, plan->memory, plan->registers.rsp));
  marker_plan_ = plan;
  marker_start_ = start;
  marker_target_ = target;
  breakpoints_.set_patch(marker_->patch());
  is_visit_counted_ = true;
  return true;
}

void Session::disengage_marker() noexcept {
  if (!marker_) return;
  try {
    breakpoints_.lift_all();
  } catch (const EngineError&) {
    // The tracee is dying: nothing of it needs to be put back.
  }
  breakpoints_.clear_patch();
  marker_.reset();
  marker_plan_ = nullptr;
  marker_start_ = marker_target_ = nullptr;
}

// The program stands at a trap of the marker. True: this is M (its target was passed, or is here when no step lies between).
bool Session::is_marked_state() {
  if (!registers_equal(tracee_->registers(), marker_plan_->registers)) return false;
  breakpoints_.lift_all();
  return memory_->equals(marker_plan_->memory);
}

// Stopped between T and M by a breakpoint, the clock or ^C: that would be behind the end of the run.
std::optional<Halt> Session::turn_back(Run& run) {
  return has_passed_target() ? meet_target(run, marker_->visits(), false) : std::nullopt;
}

// Is the present state one of those between T and M? Then M follows in so many steps.
bool Session::has_passed_target() {
  const std::vector<GeneralRegisters>& path = marker_plan_->path;
  for (size_t i = 0; i < path.size(); i++) {
    if (!registers_equal(path[i], tracee_->registers())) continue;
    breakpoints_.lift_all();
    const CheckpointRef here = capture(CheckpointKind::temporary);
    for (size_t step = i; step < path.size(); step++) step_once();
    const bool is_passed = is_marked_state();
    enter(here);
    here_ = nullptr;
    if (is_passed) return true;
  }
  return false;
}

// The target is here, or behind visit `visit` of the marker. Nothing: it was met and execution goes on from it.
std::optional<Halt> Session::meet_target(Run& run, uint64_t visit, bool is_here) {
  const CheckpointRef start = marker_start_, target = marker_target_;
  if (is_here) {
    disengage_marker();
  } else if (!go_back_to_target(visit)) {
    disengage_marker();
    enter(start);
    here_ = nullptr;
    run.is_marker_useless = true;
    return std::nullopt;
  }
  if (run.limit == target) return Halt::limit;
  if (std::optional<Halt> halt = meet_anchor(run.limit.get())) return halt;
  return std::nullopt;
}

// The target lies behind visit `visit` (0: behind the start) and before the present state: go and stand on it.
// False when it was not found after all.
bool Session::go_back_to_target(uint64_t visit) {
  const CheckpointRef start = marker_start_, target = marker_target_;
  breakpoints_.lift_all();
  enter(start);
  here_ = nullptr;
  if (visit > 0) {
    marker_->set_visits(0);
    is_visit_counted_ = true;
    marker_->trap_at_visit(visit);
    if (run_marked(*target, false) != Halt::marker) return false;
    breakpoints_.lift_all();
  }
  disengage_marker();
  Run rest;
  rest.mode = ResumeOptions::Mode::step;
  rest.limit = target;
  rest.honours_breakpoints = rest.takes_checkpoints = false;
  for (uint64_t steps = 0; steps < most_steps_from_visit; steps++) {
    if (is_state(*target)) return true;
    if (step_once() != Halt::stepped) return false;
  }
  // A long round: the plain way from here.
  rest.mode = ResumeOptions::Mode::run;
  rest.sought = target;
  rest.is_marker_useless = true;
  return this->run(rest) == Halt::limit;
}

// The program stands at the marked instruction and this visit was counted (or is where the search starts): not again.
void Session::skip_counted_visit() {
  if (!marker_ || !is_visit_counted_ || tracee_->registers().rip != marker_->address()) return;
  GeneralRegisters registers = tracee_->registers();
  registers.rip = marker_->displaced();
  tracee_->set_registers(registers);
}

// Runs with the marker in place until it traps, until `to` is reached by its own address (`recognises`), or until more events lie
// behind than behind `to`. An alarm: ^C, or the way leads too often by addresses where it has to stop.
Halt Session::run_marked(const Checkpoint& to, bool recognises) {
  meet_anchor(&to);  // what is bound to the very state that it starts from
  if (pending_) deliver(pending_->info.si_signo);
  for (int arrivals = 0; arrivals < most_arrivals;) {
    std::set<uint64_t> addresses = random_sites_;
    if (recognises) addresses.insert(to.registers.rip);
    const Checkpoint* anchor = anchor_before(to, cursor_);
    if (anchor) addresses.insert(anchor->registers.rip);
    breakpoints_.insert(addresses, false);
    const uint64_t pc = tracee_->registers().rip;
    skip_counted_visit();
    const bool must_lift = breakpoints_.is_wanted(pc);
    if (must_lift) breakpoints_.lift(pc);
    const std::optional<Halt> leapt = must_lift ? leap_string(recognises ? &to : nullptr, addresses, false) : std::nullopt;
    const Halt halt = leapt ? *leapt : advance(must_lift);
    // Behind a call it stands there without having arrived.
    const bool may_be_there = halt == Halt::arrived || halt == Halt::event;
    const bool is_to = recognises && to.registers.rip == tracee_->registers().rip;
    if (may_be_there && (anchor || is_to)) {
      const std::optional<Halt> met = meet_anchor(&to);
      if ((recognises && met == Halt::limit) || (is_to && is_state(to))) return Halt::limit;
      if (pending_) deliver(pending_->info.si_signo);
      arrivals++;
    }
    const bool goes_on = halt == Halt::event || halt == Halt::alarm || halt == Halt::stepped || halt == Halt::arrived;
    if (!goes_on || cursor_ > to.info.event) return halt;
    if (interrupter_->is_requested()) return Halt::alarm;
  }
  return Halt::alarm;
}

// Whether a run with the plan's marker between the two states would have to stop inside the marked code.
bool Session::is_in_the_way(const MarkerPlan& plan, const Checkpoint& from, const Checkpoint& to, bool recognises) const {
  std::set<uint64_t> addresses = random_sites_;
  if (recognises) addresses.insert(to.registers.rip);
  for (uint64_t event = from.info.event; event < to.info.event; event++)
    if (const Checkpoint* anchor = anchor_before(to, event)) addresses.insert(anchor->registers.rip);
  return covers_any(plan, addresses);
}

// The first state behind `from` that stands outside of the code to be marked; null when `to` or an event comes first.
CheckpointRef Session::step_out_of(const MarkerPlan& plan, const CheckpointRef& from, const CheckpointRef& to) {
  enter(from);
  do {
    if (step_once() != Halt::stepped || cursor_ != from->info.event || pending_ || is_state(*to)) return nullptr;
  } while (plan.code.has_inside(tracee_->registers().rip));
  return capture(CheckpointKind::temporary);
}

// Counts the visits of the plan's address between the two states, then stops at `count` of them, evenly spread; for count 1 at
// the last one, or so many rounds before it. `is_elsewhere`: the address is not that of the later state's own plan, so that state is recognised by itself.
std::vector<CheckpointRef> Session::stop_at_visits(CheckpointRef from, const CheckpointRef& to, const std::shared_ptr<MarkerPlan>& plan,
                                                   unsigned count, bool is_elsewhere, uint64_t rounds_before) {
  std::vector<CheckpointRef> made;
  if (!plan || interrupter_->is_requested() || is_in_the_way(*plan, *from, *to, is_elsewhere)) return made;
  if (plan->code.has_inside(from->registers.rip)) from = step_out_of(*plan, from, to);
  if (!from) return made;
  enter(from);
  here_ = nullptr;
  marker_ = std::make_unique<Marker>(*tracee_, plan->code);
  marker_plan_ = plan;
  struct Disengage {
    Session& session;
    ~Disengage() { session.disengage_marker(); }
  } disengage{*this};
  if (is_elsewhere)
    marker_->trap_at_visit(~0ull);
  else
    marker_->trap_in_state(plan->registers, telling_words(from->memory, plan->memory, plan->registers.rsp));
  breakpoints_.set_patch(marker_->patch());
  is_visit_counted_ = true;
  Halt halt = run_marked(*to, is_elsewhere);
  while (!is_elsewhere && halt == Halt::marker && !is_marked_state()) halt = run_marked(*to, false);
  if (halt != (is_elsewhere ? Halt::limit : Halt::marker)) return made;
  const uint64_t visits = is_elsewhere ? marker_->visits() : marker_->visits() - 1;
  breakpoints_.lift_all();
  enter(from);
  here_ = nullptr;
  marker_->set_visits(0);
  is_visit_counted_ = true;
  for (uint64_t part = 1, last = 0; part <= count; part++) {
    const uint64_t goal = count == 1 ? visits - std::min(visits, rounds_before) : visits * part / (count + 1);
    if (goal <= last) continue;
    last = goal;
    marker_->trap_at_visit(goal);
    if (run_marked(*to, false) != Halt::marker) break;
    breakpoints_.lift_all();
    made.push_back(capture(CheckpointKind::temporary));
    to->verified_before.push_back(made.back()->info.id);
    here_ = nullptr;
  }
  return made;
}

}  // namespace fred
