// Threads: one runs at a time, and who runs is an event of the log.
//
// Rule: a thread keeps its turn until it waits in a system call, or until its time slice is over and another could run. A thread that
// waits sleeps in the kernel; when its call returns, that is written down (is_wait_end) and it may get a turn. Travel takes all threads
// out of the kernel first; they enter their calls again when the program goes on live. Example: A takes a lock that B holds: wait(A),
// turn(B); B unlocks: its futex call, end of A's wait; B waits: wait(B), turn(A).
#include <linux/futex.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "engine/record/request_table.h"
#include "engine/record/robust_list.h"
#include "engine/record/syscall_entry.h"
#include "engine/record/syscall_output.h"
#include "engine/session/session.h"

namespace fred {
namespace {

using namespace std::chrono_literals;

constexpr auto time_slice = 20ms;
// A thread that neither returns from its call nor sleeps there (it waits for a disk) is looked at this often at once, then more seldom.
constexpr int busy_looks = 200;
constexpr useconds_t look_interval_us = 50;

bool is_event_stop(int status) { return WIFSTOPPED(status) && status >> 16 == PTRACE_EVENT_STOP; }
bool is_call_stop(int status) { return WIFSTOPPED(status) && WSTOPSIG(status) == (SIGTRAP | 0x80); }

}  // namespace

bool Session::is_runnable(ThreadId id) const {
  auto found = threads_.find(id);
  return found != threads_.end() && !found->second.is_waiting;
}

std::vector<int> Session::threads() const {
  std::vector<int> tids;
  for (const auto& [id, thread] : threads_) tids.push_back(tasks_[id].number);
  return tids;
}

ThreadId Session::thread_of(pid_t tid) const {
  for (const auto& [id, thread] : threads_)
    if (tasks_[id].number == tid) return id;
  throw EngineError("NO_THREAD", "select", ESRCH, "there is no thread " + std::to_string(tid));
}

// The registers of the thread that runs, to where those of the others are.
void Session::save_registers() {
  auto now = threads_.find(thread_);
  if (now == threads_.end() || tasks_[thread_].is_in_kernel || !tasks_[thread_].is_loaded) return;
  now->second.registers = tracee_->registers();
  now->second.xstate = tracee_->xstate();
}

void Session::load_registers(ThreadId id) {
  Task& task = tasks_[id];
  if (task.is_loaded) return;
  const ThreadState& state = threads_.at(id);
  leave_entry_stop();
  tracee_->set_registers(state.registers);
  tracee_->set_xstate(state.xstate);
  task.is_loaded = true;
}

// Another thread becomes the one that runs.
void Session::stand_in(ThreadId id) {
  if (id == thread_) return;
  save_registers();
  if (is_stored_) tasks_[thread_].is_loaded = false;
  thread_ = id;
  tracee_->select(tasks_[id].tid);
  interrupter_->set_thread(tasks_[id].tid);
  load_registers(id);
}

// By the debugger's wish.
void Session::give_turn(ThreadId id) {
  if (id == thread_) return;
  leave_kernel();
  if (!is_scratch_) {
    if (is_replaying()) start_branch();
    commit_patch();
    Event event;
    event.kind = EventKind::turn;
    event.other = id;
    event.place = SignalPlace::anchored;
    event.detail = std::make_unique<EventDetail>();
    event.detail->anchor = here_or_take(CheckpointKind::automatic);
    append(std::move(event));
  }
  here_ = nullptr;
  stand_in(id);
}

// From the entry of a call: the status of the stop at its end; nothing when the thread sleeps in it.
std::optional<int> Session::run_or_sleep() {
  tracee_->resume(PTRACE_SYSCALL);
  for (int look = 0;; look++) {
    if (const std::optional<int> status = tracee_->poll()) return status;
    if (tracee_->is_asleep()) return tracee_->poll();
    if (look < busy_looks) sched_yield();
    else usleep(look_interval_us);
  }
}

// The thread that runs has gone to sleep in a call; another one has its turn at once, because a sleeping one cannot be looked at. Registers and `xstate` are those of the call's entry.
Halt Session::begin_wait(int number, const GeneralRegisters& entry, XState xstate) {
  ThreadState& state = threads_.at(thread_);
  state.number = number;
  state.registers = before_call(entry, number);
  state.xstate = std::move(xstate);
  state.is_waiting = true;
  tasks_[thread_].is_in_kernel = true;
  tasks_[thread_].is_loaded = false;
  Event event;
  event.kind = EventKind::wait;
  event.number = number;
  event.arguments = arguments_of(entry);
  // A lock that inherits priority is marked when somebody begins to wait for it.
  event.writes = read_outputs(*tracee_, row_of(number, event.arguments), event.arguments, -EINTR);
  append(std::move(event));
  state.since = cursor_;
  return schedule().value_or(Halt::event);
}

// Precondition: live. Nothing: the thread that runs keeps its turn.
std::optional<Halt> Session::schedule() {
  if (threads_.size() == 1 && is_runnable(thread_)) return std::nullopt;
  collect(false);
  note_wait_ends();
  for (;;) {
    if (const std::optional<ThreadId> next = next_turn()) {
      if (*next != thread_) return turn_to(*next);
      // Nobody else wants it.
      if (Interrupter::Clock::now() >= slice_end_) begin_slice();
      return take_signal();
    }
    // All wait.
    if (interrupter_->is_requested()) {
      leave_kernel();
      if (!next_turn()) return Halt::alarm;
      continue;
    }
    enter_waits();  // those that our own interruption has taken out of their calls
    if (finished_.empty()) collect(true);
    note_wait_ends();
  }
}

// The clock may be set for a later checkpoint only.
void Session::begin_slice() {
  slice_end_ = Interrupter::Clock::now() + time_slice;
  arm_clock();
}

std::optional<ThreadId> Session::next_turn() const {
  for (const auto& [id, thread] : threads_)
    if (tasks_[id].status) return id;
  const bool is_over = Interrupter::Clock::now() >= slice_end_ && (is_at_boundary_ || may_preempt_);
  if (is_runnable(thread_) && !is_over) return thread_;
  auto found = std::find_if(threads_.upper_bound(thread_), threads_.end(), [](const auto& each) { return !each.second.is_waiting; });
  if (found == threads_.end()) found = std::find_if(threads_.begin(), threads_.end(), [](const auto& each) { return !each.second.is_waiting; });
  return found == threads_.end() ? std::nullopt : std::optional(found->first);
}

Halt Session::turn_to(ThreadId id) {
  Event event;
  event.kind = EventKind::turn;
  event.other = id;
  event.place = SignalPlace::after_event;
  if (!is_at_boundary_ && is_runnable(thread_)) {
    breakpoints_.lift_all();
    event.place = SignalPlace::anchored;
    event.detail = std::make_unique<EventDetail>();
    event.detail->anchor = capture(CheckpointKind::automatic);
    here_ = nullptr;
  }
  append(std::move(event));
  stand_in(id);
  may_preempt_ = false;
  begin_slice();
  return take_signal().value_or(Halt::event);
}

// Of the running thread: the signal that it has stopped for while it waited, if there is one.
std::optional<Halt> Session::take_signal() {
  const std::optional<int> status = std::exchange(tasks_[thread_].status, std::nullopt);
  return status ? std::optional(dispatch(*status, false)) : std::nullopt;
}

// Threads that wait at the present position go to sleep in the kernel, in the order in which they have begun to wait.
void Session::enter_waits() {
  std::vector<ThreadId> order;
  for (const auto& [id, thread] : threads_)
    if (thread.is_waiting && !tasks_[id].is_in_kernel && !tasks_[id].status) order.push_back(id);
  if (order.empty()) return;
  std::sort(order.begin(), order.end(), [&](ThreadId a, ThreadId b) { return threads_.at(a).since < threads_.at(b).since; });
  breakpoints_.lift_all();
  save_registers();
  for (ThreadId id : order) {
    tracee_->select(tasks_[id].tid);
    load_registers(id);
    leave_entry_stop();
    int status = tracee_->resume_and_wait(PTRACE_SYSCALL);
    while (is_event_stop(status)) status = tracee_->resume_and_wait(PTRACE_SYSCALL);
    tasks_[id].is_loaded = false;
    tasks_[id].is_in_kernel = true;
    const std::optional<int> end = is_call_stop(status) ? run_or_sleep() : std::optional(status);
    if (end) note_stopped(id, *end, false);
  }
  tracee_->select(tasks_[thread_].tid);
}

// Takes note of threads that have stopped; `waits`: of one at least. True: there were some.
bool Session::collect(bool waits) {
  bool has_found = false;
  for (;;) {
    auto sleeping = std::find_if(tasks_.begin(), tasks_.end(), [](const Task& task) { return task.is_in_kernel; });
    if (sleeping == tasks_.end()) return has_found;
    const bool is_last_resort = waits && !has_found;
    if (is_last_resort) {
      interrupter_->set_thread(sleeping->tid);
      interrupter_->set_in_syscall(true);
    }
    const bool is_wanted = is_last_resort && interrupter_->is_requested();
    const std::optional<Tracee::Stopped> stopped = is_wanted ? std::nullopt : tracee_->wait_any(is_last_resort);
    interrupter_->set_in_syscall(false);
    if (!stopped) return has_found;
    const auto task = std::find_if(tasks_.begin(), tasks_.end(), [&](const Task& each) { return each.tid == stopped->tid; });
    note_stopped(static_cast<ThreadId>(task - tasks_.begin()), stopped->status, false);
    has_found = true;
  }
}

// A thread that slept in the kernel has stopped. `is_kicked`: because we wanted it to.
void Session::note_stopped(ThreadId id, int status, bool is_kicked) {
  Task& task = tasks_[id];
  tracee_->select(task.tid);
  std::optional<GeneralRegisters> at_end;
  for (;;) {
    if (tracee_->is_gone()) {
      dispatch(status, false);
      return;
    }
    if (is_event_stop(status)) {
      if (is_kicked) break;
      status = tracee_->resume_and_wait(PTRACE_SYSCALL);
    } else if (is_call_stop(status) && tracee_->is_in_call_entry()) {
      // Interrupted by what another thread has taken meanwhile: the kernel makes the call again.
      const std::optional<int> end = run_or_sleep();
      if (!end) {
        tracee_->select(tasks_[thread_].tid);
        return;
      }
      status = *end;
    } else if (is_call_stop(status)) {
      const GeneralRegisters now = tracee_->registers();
      const int64_t result = static_cast<int64_t>(now.rax);
      const bool is_interrupted = is_restart(result) || (result == -EINTR && (is_kicked || interrupter_->is_requested()));
      if (!is_interrupted) at_end = now;
      if (at_end || is_kicked || !is_restart(result)) break;
      task.restarted_number = static_cast<int>(now.orig_rax);
      task.restarted_arguments = arguments_of(now);
      status = tracee_->resume_and_wait(PTRACE_SYSCALL);
    } else {
      if (!is_interruption(tracee_->signal_info())) task.status = status;
      break;
    }
  }
  task.is_in_kernel = false;
  task.is_loaded = task.status.has_value();
  if (!at_end && !task.status) write_all(task.time_left);
  if (at_end) {
    at_end->orig_rax = static_cast<uint64_t>(-1);
    task.at_end = *at_end;
    tracee_->set_registers(*at_end);
    task.is_loaded = true;
    finished_.push_back(id);
  }
  tracee_->select(tasks_[thread_].tid);
}

// Writes down the waits that are over. What the kernel has written for them may be in memory for a while already: a state of the
// running thread that this is bound to is found again without it.
void Session::note_wait_ends() {
  if (finished_.empty()) return;
  CheckpointRef anchor;
  if (!is_at_boundary_ && is_runnable(thread_)) {
    breakpoints_.lift_all();
    do memory_->sync();
    while (collect(false));
    anchor = picture();
  }
  std::vector<std::pair<uint64_t, uint64_t>> written;
  std::vector<Event> events;
  for (ThreadId id : std::exchange(finished_, {})) {
    ThreadState& state = threads_.at(id);
    Task& task = tasks_[id];
    Event event;
    event.is_wait_end = true;
    event.thread = id;
    event.number = state.number;
    event.arguments = arguments_of(state.registers);
    state.registers = task.at_end;
    event.result = static_cast<int64_t>(state.registers.rax);
    event.writes = read_outputs(*tracee_, row_of(event.number, event.arguments), event.arguments, event.result);
    event.kernel = note_kernel(event);
    for (const MemoryWrite& write : event.writes) written.emplace_back(write.address, write.address + write.bytes.size());
    task.restarted_number = -1;
    state.is_waiting = false;
    events.push_back(std::move(event));
  }
  if (anchor) {
    anchor->memory.unsettled = std::move(written);
    events.front().place = SignalPlace::anchored;
    events.front().detail = std::make_unique<EventDetail>();
    events.front().detail->anchor = anchor;
    here_ = nullptr;
  }
  for (Event& event : events) {
    if (!event.detail) event.place = SignalPlace::after_event;
    append(std::move(event));
  }
}

// Before travel: nobody may write into the past.
void Session::leave_kernel() {
  for (ThreadId id = 0; id < tasks_.size(); id++) {
    if (!tasks_[id].is_in_kernel) continue;
    tracee_->select(tasks_[id].tid);
    ptrace(PTRACE_INTERRUPT, tasks_[id].tid, 0, 0);
    note_stopped(id, tracee_->wait(), true);
  }
  if (thread_ < tasks_.size() && !tasks_[thread_].is_loaded && threads_.contains(thread_)) load_registers(thread_);
  note_wait_ends();
}

// The tracee stands in a clone that has made this thread.
void Session::start_thread(pid_t tid, Event& clone) {
  const auto id = static_cast<ThreadId>(tasks_.size());
  tracee_->adopt(tid);
  tracee_->select(tid);
  int status = tracee_->wait();
  if (!WIFSTOPPED(status)) throw EngineError("GONE", "clone", 0, "the program was killed from outside; run it again");
  GeneralRegisters registers = tracee_->registers();
  registers.orig_rax = static_cast<uint64_t>(-1);
  tracee_->set_registers(registers);
  tasks_.push_back({tid, tid});
  clone.other = id;
  clone.detail = std::make_unique<EventDetail>();
  clone.detail->registers = registers;
  clone.detail->xstate = tracee_->xstate();
  tracee_->select(tasks_[thread_].tid);
}

// At the entry of exit, with other threads living: the task is kept for the past, and what the kernel would do at its end is done here.
Halt Session::end_thread(const Arguments& arguments) {
  const GeneralRegisters entry = tracee_->registers();
  const uint64_t clear_tid = threads_.at(thread_).clear_tid;
  skip_syscall(0);
  tracee_->set_registers(before_call(entry, SYS_exit));
  Event event;
  event.number = SYS_exit;
  event.arguments = arguments;
  event.writes = dying_locks(*tracee_);
  if (clear_tid) event.writes.push_back({clear_tid, std::vector<uint8_t>(4)});
  apply_writes(event);
  for (const MemoryWrite& write : event.writes) tracee_->inject(SYS_futex, {write.address, FUTEX_WAKE, 1});
  append(std::move(event));
  return Halt::event;
}

// An event that happens without the running thread.
bool Session::is_scheduling(const Event& event) const { return event.kind == EventKind::turn || event.is_wait_end; }

void Session::replay_scheduling(const Event& event) {
  here_ = nullptr;
  cursor_++;
  if (event.kind == EventKind::turn) return stand_in(event.other);
  ThreadState& state = threads_.at(event.thread);
  GeneralRegisters registers = event.thread == thread_ ? tracee_->registers() : state.registers;
  registers.rax = static_cast<uint64_t>(event.result);
  registers.rip += 2;
  state.is_waiting = false;
  if (event.thread == thread_) {
    tracee_->set_registers(registers);
  } else {
    state.registers = registers;
    tasks_[event.thread].is_loaded = false;
  }
  apply_writes(event);
}

// The effect of a call on which threads there are: when it is recorded and when it is replayed.
void Session::note_thread_call(const Event& event) {
  if (event.kind != EventKind::syscall || is_error(event.result)) return;
  switch (event.number) {
    case SYS_set_tid_address: threads_.at(event.thread).clear_tid = event.arguments[0]; break;
    case SYS_exit: threads_.erase(event.thread); break;
    case SYS_clone:
      if (!event.other) break;
      tasks_[event.other].is_loaded = tasks_[event.other].is_loaded && !is_replaying();
      threads_[event.other] = {false, 0, 0, event.arguments[0] & CLONE_CHILD_CLEARTID ? event.arguments[3] : 0, event.detail->registers,
                               event.detail->xstate};
      break;
    default: break;
  }
}

}  // namespace fred
