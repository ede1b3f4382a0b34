// Checkpoints, their order, going to one of them, and what changes when the past is changed.
#include <sys/ptrace.h>

#include <algorithm>
#include <cstring>

#include "engine/record/syscall_output.h"
#include "engine/session/session.h"

namespace fred {
namespace {

// More pages than this are not kept: automatic checkpoints are aged out, the oldest more than the newest (1 page = 4 KiB).
constexpr size_t automatic_checkpoint_limit = 400;

bool lasts_longer(CheckpointKind a, CheckpointKind b) {
  auto rank = [](CheckpointKind kind) {
    switch (kind) {
      case CheckpointKind::temporary: return 0;
      case CheckpointKind::automatic: return 1;
      case CheckpointKind::head: return 2;
      case CheckpointKind::stop: return 3;
      case CheckpointKind::user: return 4;
      case CheckpointKind::start: return 5;
    }
    return 0;
  };
  return rank(a) > rank(b);
}

}  // namespace

CheckpointRef Session::find(CheckpointId id) const {
  auto found = checkpoints_.find(id);
  if (found == checkpoints_.end())
    throw EngineError("NO_CHECKPOINT", "find", 0, "there is no checkpoint " + std::to_string(id));
  return found->second;
}

// Saves the present state and makes it the place that execution comes from. Precondition: no breakpoint is inserted.
// Where nothing has changed since that place, it is the place itself: one state has one checkpoint.
CheckpointRef Session::capture(CheckpointKind kind) {
  size_t page_count = 0;
  do {
    note_wait_ends();
    page_count = memory_->sync();
  } while (collect(false));
  if (base_ && is_state(*base_)) {
    if (lasts_longer(kind, base_->info.kind)) base_->info.kind = kind;
    return here_ = base_;
  }
  const CheckpointRef checkpoint = picture();
  checkpoint->info.page_count = page_count;
  checkpoint->info.kind = kind;
  checkpoint->info.parent = base_ ? base_->info.id : no_checkpoint;
  const uint64_t now = tracee_->cpu_ns();
  checkpoint->info.cpu_ns = (base_ ? base_->info.cpu_ns : 0) + (now - base_cpu_ns_);
  checkpoints_[checkpoint->info.id] = checkpoint;
  if (next_known_ && next_known_->info.event == cursor_) next_known_->verified_before.push_back(checkpoint->info.id);
  if (is_recording() && !is_replaying()) recorder_->add(checkpoint);
  base_ = here_ = checkpoint;
  base_cpu_ns_ = tracee_->cpu_ns();
  return checkpoint;
}

// The present state. Precondition: memory is synchronised.
CheckpointRef Session::picture() {
  auto checkpoint = std::make_shared<Checkpoint>();
  checkpoint->info.id = ++last_id_;
  checkpoint->memory = memory_->image();
  checkpoint->thread = thread_;
  checkpoint->threads = threads_;
  for (auto& [id, thread] : checkpoint->threads) thread.registers.orig_rax = static_cast<uint64_t>(-1);
  checkpoint->registers = tracee_->registers();
  if (!pending_ || !pending_->interrupts_syscall) checkpoint->registers.orig_rax = static_cast<uint64_t>(-1);
  checkpoint->xstate = tracee_->xstate();
  checkpoint->pending = pending_;
  checkpoint->ending = ending_;
  checkpoint->branch = branch_;
  checkpoint->largest_stack = largest_stack_;
  checkpoint->is_at_syscall = is_at_syscall_instruction();
  checkpoint->info.event = cursor_;
  checkpoint->info.pc = checkpoint->registers.rip;
  return checkpoint;
}

CheckpointRef Session::here_or_take(CheckpointKind kind) {
  commit_patch();
  if (!here_) return capture(kind);
  if (lasts_longer(kind, here_->info.kind)) here_->info.kind = kind;
  return here_;
}

CheckpointInfo Session::take_checkpoint(CheckpointKind kind) { return here_or_take(kind)->info; }

bool Session::is_state(const Checkpoint& checkpoint) {
  if (checkpoint.info.event != cursor_ || checkpoint.thread != thread_) return false;
  GeneralRegisters now = tracee_->registers();
  if (checkpoint.is_at_syscall) {
    // The call overwrites rcx and r11, and may be made again as restart_syscall: before it they mean nothing.
    now.rcx = checkpoint.registers.rcx;
    now.r11 = checkpoint.registers.r11;
    if (now.rax == 219 || checkpoint.registers.rax == 219) now.rax = checkpoint.registers.rax;
  }
  if (!registers_equal(now, checkpoint.registers)) return false;
  if (checkpoint.ending.has_value() != ending_.has_value() || checkpoint.pending.has_value() != pending_.has_value()) return false;
  breakpoints_.lift_all();
  return xstate_equal(tracee_->xstate(), checkpoint.xstate) && memory_->equals(checkpoint.memory);
}

// Every state that execution (or a replay that arrived) came through on the way to `b`, as far as they stand behind the same event.
std::set<CheckpointId> Session::ancestors_of(const Checkpoint& b) const {
  std::set<CheckpointId> seen;
  std::vector<CheckpointId> open(b.verified_before);
  open.push_back(b.info.parent);
  while (!open.empty()) {
    const CheckpointId id = open.back();
    open.pop_back();
    auto found = checkpoints_.find(id);
    if (found == checkpoints_.end() || found->second->info.event < b.info.event || !seen.insert(id).second) continue;
    open.insert(open.end(), found->second->verified_before.begin(), found->second->verified_before.end());
    open.push_back(found->second->info.parent);
  }
  return seen;
}

bool Session::is_ancestor(const Checkpoint& a, const Checkpoint& b) const {
  return b.info.parent == a.info.id || ancestors_of(b).contains(a.info.id);
}

// Certainly earlier. Two states between the same two events are ordered only by how execution went from one to the other.
bool Session::is_before(const Checkpoint& a, const Checkpoint& b) const {
  return a.info.event < b.info.event || (a.info.event == b.info.event && is_ancestor(a, b));
}

// On the present branch: made on it, or on an ancestor of it before the split.
bool Session::is_on_line(const Checkpoint& checkpoint) const {
  uint32_t branch = branch_;
  for (;;) {
    if (checkpoint.branch == branch) return true;
    const Branch& from = branches_.at(branch);
    if (!from.split) return false;
    if (checkpoint.branch == from.parent)
      return checkpoint.info.id == from.split->info.id || is_before(checkpoint, *from.split);
    branch = from.parent;
  }
}

// The longest known way to a state from another one behind the same event: whoever is certainly later has a greater depth.
size_t Session::depth_of(const Checkpoint& checkpoint, std::map<CheckpointId, size_t>& known) const {
  auto [entry, is_new] = known.emplace(checkpoint.info.id, 0);
  if (!is_new) return entry->second;
  std::vector<CheckpointId> before(checkpoint.verified_before);
  before.push_back(checkpoint.info.parent);
  size_t depth = 0;
  for (CheckpointId id : before) {
    auto found = checkpoints_.find(id);
    if (found == checkpoints_.end() || found->second->info.event < checkpoint.info.event) continue;
    depth = std::max(depth, depth_of(*found->second, known) + 1);
  }
  return known[checkpoint.info.id] = depth;
}

// Those of `checkpoints` that stand in one certain order, oldest first; where only some can, those nearest to the origin.
// Times alone do not tell the order: a state that a search came to by many steps has a greater one than its successors.
std::vector<CheckpointRef> Session::in_order(std::vector<CheckpointRef> checkpoints, bool is_past) const {
  std::map<CheckpointId, size_t> depths;
  for (const CheckpointRef& each : checkpoints) depth_of(*each, depths);
  const auto place = [&](const CheckpointRef& each) { return std::tuple(each->info.event, depths.at(each->info.id), each->info.cpu_ns); };
  std::stable_sort(checkpoints.begin(), checkpoints.end(), [&](const CheckpointRef& a, const CheckpointRef& b) { return place(a) < place(b); });
  if (is_past) std::reverse(checkpoints.begin(), checkpoints.end());
  std::vector<CheckpointRef> ordered;
  for (const CheckpointRef& each : checkpoints)
    if (ordered.empty() || (is_past ? is_before(*each, *ordered.back()) : is_before(*ordered.back(), *each))) ordered.push_back(each);
  if (is_past) std::reverse(ordered.begin(), ordered.end());
  return ordered;
}

std::vector<CheckpointRef> Session::past_of(const Checkpoint& target) const {
  const std::set<CheckpointId> ancestors = ancestors_of(target);
  std::vector<CheckpointRef> past;
  for (const auto& [id, checkpoint] : checkpoints_)
    if (is_on_line(*checkpoint) && (checkpoint->info.event < target.info.event || ancestors.contains(id))) past.push_back(checkpoint);
  return in_order(std::move(past), true);
}

std::vector<CheckpointRef> Session::future_of(const Checkpoint& origin) const {
  // Descendants behind the same event: edges mostly lead from lower to higher numbers, so few rounds reach them all.
  std::set<CheckpointId> descendants{origin.info.id};
  for (size_t before = 0; before != descendants.size();) {
    before = descendants.size();
    for (const auto& [id, checkpoint] : checkpoints_) {
      if (checkpoint->info.event != origin.info.event || descendants.contains(id)) continue;
      bool follows = descendants.contains(checkpoint->info.parent);
      for (CheckpointId each : checkpoint->verified_before) follows = follows || descendants.contains(each);
      if (follows) descendants.insert(id);
    }
  }
  std::vector<CheckpointRef> future;
  for (const auto& [id, checkpoint] : checkpoints_) {
    const bool is_later = checkpoint->info.event > origin.info.event || descendants.contains(id);
    if (id != origin.info.id && is_later && is_on_line(*checkpoint)) future.push_back(checkpoint);
  }
  return in_order(std::move(future), false);
}

void Session::remember_head() {
  leave_kernel();
  if (is_at_head_) branches_[branch_].head = here_or_take(CheckpointKind::head);
}

void Session::switch_to_branch(uint32_t branch) {
  branch_ = branch;
}

void Session::enter(const CheckpointRef& checkpoint) {
  leave_kernel();
  breakpoints_.lift_all();
  for (Task& task : tasks_) {
    task.is_loaded = false;
    if (!task.status) continue;
    tracee_->select(task.tid);
    hold(tracee_->signal_info());
    task.status.reset();
  }
  threads_ = checkpoint->threads;
  thread_ = checkpoint->thread;
  tracee_->select(tasks_[thread_].tid);
  interrupter_->set_thread(tracee_->tid());
  leave_entry_stop();
  const bool are_regions_others = memory_->image().vmas != checkpoint->memory.vmas;
  memory_->restore(checkpoint->memory);
  if (are_regions_others) {
    random_sites_.clear();
    searched_text_.clear();
    find_random_instructions();
  }
  tracee_->set_registers(checkpoint->registers);
  tracee_->set_xstate(checkpoint->xstate);
  tasks_[thread_].is_loaded = true;
  is_at_boundary_ = false;
  cursor_ = checkpoint->info.event;
  pending_ = checkpoint->pending;
  ending_ = checkpoint->ending;
  limit_stack(checkpoint->largest_stack);
  stand_on(checkpoint);
}

Stop Session::restore(CheckpointId id) {
  commit_patch();
  CheckpointRef target = find(id);
  if (target == here_ && !is_scratch_) return ending_ ? stop_for(Halt::ended, Run()) : make_stop(StopKind::travelled);
  remember_head();
  if (!is_on_line(*target)) switch_to_branch(target->branch);
  enter(target);
  is_at_head_ = branches_[branch_].head == target;
  return ending_ ? stop_for(Halt::ended, Run()) : make_stop(StopKind::travelled);
}

Timeline Session::timeline() {
  Timeline result;
  CheckpointRef here = here_or_take(CheckpointKind::temporary);
  for (const CheckpointRef& each : past_of(*here)) result.past.push_back(each->info);
  result.past.push_back(here->info);
  for (const CheckpointRef& each : future_of(*here)) result.future.push_back(each->info);
  result.here = here->info.id;
  result.event = cursor_;
  result.event_count = log().size();
  result.is_at_head = is_at_head_;
  result.tracker = memory_->tracker_name();
  return result;
}

// Whoever came after the forgotten checkpoint comes after what was before it.
void Session::forget_checkpoint(const CheckpointRef& gone) {
  checkpoints_.erase(gone->info.id);
  if (next_known_ == gone) next_known_ = nullptr;
  marker_plans_.erase(gone->info.id);
  for (auto& [id, checkpoint] : checkpoints_) {
    std::vector<CheckpointId>& before = checkpoint->verified_before;
    const bool was_parent = checkpoint->info.parent == gone->info.id;
    const bool was_before = std::erase(before, gone->info.id) > 0;
    if (was_parent) checkpoint->info.parent = gone->info.parent;
    if (was_before) before.push_back(gone->info.parent);
    if (!was_parent && !was_before) continue;
    before.insert(before.end(), gone->verified_before.begin(), gone->verified_before.end());
    std::sort(before.begin(), before.end());
    before.erase(std::unique(before.begin(), before.end()), before.end());
  }
}

void Session::drop_temporary() {
  std::vector<CheckpointRef> gone;
  for (const auto& [id, checkpoint] : checkpoints_)
    if (checkpoint->info.kind == CheckpointKind::temporary && checkpoint != here_ && checkpoint != base_) gone.push_back(checkpoint);
  for (const CheckpointRef& each : gone) forget_checkpoint(each);
}

// Keeps the number of automatic checkpoints bounded: of the older half every second one goes.
void Session::thin_out() {
  std::vector<CheckpointRef> automatic;
  for (const auto& [id, checkpoint] : checkpoints_)
    if (checkpoint->info.kind == CheckpointKind::automatic && checkpoint != here_ && checkpoint != base_) automatic.push_back(checkpoint);
  if (automatic.size() < automatic_checkpoint_limit) return;
  for (size_t i = 0; i < automatic.size() / 2; i += 2) forget_checkpoint(automatic[i]);
}

std::vector<uint8_t> Session::read_memory(uint64_t address, size_t length) const {
  std::vector<uint8_t> bytes(length);
  bytes.resize(tracee_->read(address, bytes.data(), length));
  if (bytes.empty() && length > 0) throw EngineError("EFAULT", "read_memory", EFAULT, "");
  return bytes;
}

// The state before the debugger's first change is what the change will be bound to in the log.
void Session::begin_change() {
  if (is_scratch_ || patch_anchor_) return;
  if (is_stored_) refuse_change();
  if (is_replaying()) start_branch();
  patch_anchor_ = here_or_take(CheckpointKind::automatic);
}

void Session::write_memory(uint64_t address, const std::vector<uint8_t>& bytes) {
  std::vector<uint8_t> now(bytes.size());
  if (tracee_->read(address, now.data(), now.size()) == now.size() && now == bytes) return;
  begin_change();
  here_ = nullptr;
  tracee_->write_exactly(address, bytes.data(), bytes.size());
}

Registers Session::read_registers(int tid) {
  const ThreadId id = tid ? thread_of(tid) : thread_;
  const GeneralRegisters& general = id == thread_ ? tracee_->registers() : threads_.at(id).registers;
  const auto* bytes = reinterpret_cast<const uint8_t*>(&general);
  return {std::vector<uint8_t>(bytes, bytes + sizeof general), id == thread_ ? tracee_->xstate() : threads_.at(id).xstate};
}

void Session::write_registers(const Registers& wanted, int tid) {
  if (tid) give_turn(thread_of(tid));
  GeneralRegisters registers;
  if (wanted.general.size() == sizeof registers) {
    memcpy(&registers, wanted.general.data(), sizeof registers);
    // gdb clears orig_rax before it runs something of its own: no change of the program.
    if (!registers_equal(registers, tracee_->registers())) {
      begin_change();
      here_ = nullptr;
    }
    leave_call_for(registers);
    tracee_->set_registers(registers);
  }
  if (!wanted.xstate.empty() && wanted.xstate != tracee_->xstate()) {
    begin_change();
    here_ = nullptr;
    tracee_->set_xstate(wanted.xstate);
  }
}

// A thread that waits in a call makes it no more when it is put to another place.
void Session::leave_call_for(const GeneralRegisters& registers) {
  if (registers.rip == tracee_->registers().rip) return;
  if (auto thread = threads_.find(thread_); thread != threads_.end()) thread->second.is_waiting = false;
}

void Session::commit_patch() {
  if (!patch_anchor_) return;
  const CheckpointRef anchor = std::move(patch_anchor_);
  patch_anchor_ = nullptr;
  memory_->sync();
  Event event;
  event.kind = EventKind::patch;
  event.writes = changed_bytes(anchor->memory.pages, memory_->image().pages);
  event.detail = std::make_unique<EventDetail>();
  event.detail->anchor = anchor;
  event.detail->registers = tracee_->registers();
  event.detail->xstate = tracee_->xstate();
  append(std::move(event));
}

void Session::apply_patch(const Event& event) {
  here_ = nullptr;
  apply_writes(event);
  leave_call_for(event.detail->registers);
  tracee_->set_registers(event.detail->registers);
  tracee_->set_xstate(event.detail->xstate);
  cursor_++;
}

std::vector<std::string> Session::start_branch() {
  if (is_at_head_ || is_scratch_) return {};
  if (is_stored_) refuse_change();
  // What has ended a wait has happened already: a thread was woken, its data was taken.
  while (is_replaying() && next_event()->is_wait_end && next_event()->place == SignalPlace::after_event) replay_scheduling(*next_event());
  const CheckpointRef split = here_or_take(CheckpointKind::stop);
  const std::vector<std::string> notes = lasting_effects();
  std::vector<EventRef> kept(log().begin(), log().begin() + static_cast<ptrdiff_t>(cursor_));
  const uint32_t parent = branch_;
  branch_ = branches_.rbegin()->first + 1;
  Branch& branch = branches_[branch_];
  branch.parent = parent;
  branch.split = split;
  branch.log = std::move(kept);
  is_at_head_ = true;
  return notes;
}

void Session::begin_scratch(bool is_mute) {
  if (is_scratch_) return;
  is_scratch_mute_ = is_mute;
  leave_kernel();
  scratch_start_ = here_or_take(CheckpointKind::temporary);
  is_scratch_ = true;
  is_scratch_settled_ = false;
}

void Session::end_scratch() {
  if (!is_scratch_) return;
  enter(scratch_start_);
  is_scratch_ = false;
  scratch_start_ = nullptr;
}

std::vector<uint8_t> Session::read_siginfo() const {
  if (!pending_) return {};
  const auto* bytes = reinterpret_cast<const uint8_t*>(&pending_->info);
  return std::vector<uint8_t>(bytes, bytes + sizeof(siginfo_t));
}

}  // namespace fred
