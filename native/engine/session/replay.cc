// System calls behind the head: emulated from the log, or the run has diverged from it.
#include "engine/record/syscall_entry.h"
#include "engine/record/syscall_table.h"
#include "engine/session/session.h"
#include "engine/tracee/symbols.h"

namespace fred {

void Session::apply_writes(const Event& event) { write_all(event.writes); }

void Session::write_all(const std::vector<MemoryWrite>& writes) {
  for (const MemoryWrite& write : writes) tracee_->write(write.address, write.bytes.data(), write.bytes.size());
}

Halt Session::diverge(const std::string& seen) {
  const Event* event = next_event();
  std::string expected = "the end of the log";
  if (event) {
    switch (event->kind) {
      case EventKind::syscall: expected = render_call(event->number, event->arguments); break;
      case EventKind::signal: expected = "signal " + std::to_string(event->number); break;
      case EventKind::delivery: expected = "the delivery of a signal"; break;
      case EventKind::instruction: expected = "a time-stamp or random number instruction"; break;
      case EventKind::exit: expected = "the program's end"; break;
      case EventKind::patch: expected = "a change made by the debugger"; break;
      case EventKind::wait: expected = render_call(event->number, event->arguments) + ", in which the thread waits"; break;
      case EventKind::turn: expected = "the turn of another thread"; break;
    }
  }
  const uint64_t pc = tracee_->registers().rip;
  const std::string place = describe_address(tracee_->maps(), pc);
  message_ = "replay diverged at event " + std::to_string(cursor_) + ", thread " + std::to_string(tasks_[thread_].number) + ", pc " + hex(pc) +
             (place.empty() ? "" : " (" + place + ")") + ": the recording has " + expected + ", the program made " + seen +
             "; travel to an earlier checkpoint with fred-goto, or record again.";
  return Halt::diverged;
}

Halt Session::replay_syscall() {
  const GeneralRegisters entry = tracee_->registers();
  const int number = static_cast<int>(entry.orig_rax);
  const Arguments arguments = arguments_of(entry);
  const Event& event = *next_event();
  const bool is_continuation = number == SYS_restart_syscall;
  if (event.kind == EventKind::wait && (is_continuation || (event.number == number && event.arguments == arguments))) {
    ThreadState& state = threads_.at(thread_);
    tracee_->set_registers(before_call(entry, event.number));
    apply_writes(event);
    state.is_waiting = true;
    state.number = event.number;
    state.since = ++cursor_;
    return Halt::event;
  }
  if (event.kind == EventKind::exit) {
    if (const std::optional<Ending> ending = ending_by(program_pid_, number, arguments)) return park(*ending);
  }
  if (event.kind == EventKind::signal && event.place == SignalPlace::in_syscall) {
    tracee_->set_registers(event.detail->registers);
    return replay_signal_now(event);
  }
  if (event.kind != EventKind::syscall || (!is_continuation && (event.number != number || event.arguments != arguments))) {
    Halt halt = diverge(render_call(number, arguments));
    tracee_->set_registers(before_call(entry, number));
    return halt;
  }
  GeneralRegisters result = entry;
  result.orig_rax = static_cast<uint64_t>(-1);
  const SyscallRow* row = find_syscall(number);
  result.rax = static_cast<uint64_t>(event.result);
  if (row && row->kind == SyscallClass::mapping) {
    tracee_->set_registers(result);
    const int64_t done = replay_mapping(event);
    if (done != event.result && !is_error(event.result)) {
      message_ = "replay of " + render_call(number, arguments) + " at event " + std::to_string(cursor_) + " gave " +
                 hex(static_cast<uint64_t>(done)) + " instead of " + hex(static_cast<uint64_t>(event.result)) +
                 "; travel to an earlier checkpoint with fred-goto, or run again.";
      return Halt::diverged;
    }
  }
  if (event.detail && row && row->kind == SyscallClass::sigreturn) {
    result = event.detail->registers;
    result.orig_rax = static_cast<uint64_t>(-1);
    tracee_->set_xstate(event.detail->xstate);
  } else if (event.detail && row && row->kind == SyscallClass::set_fs) {
    result.fs_base = event.detail->registers.fs_base;
    result.gs_base = event.detail->registers.gs_base;
  }
  if (number == SYS_exit) result = before_call(entry, number);
  tracee_->set_registers(result);
  apply_writes(event);
  note_thread_call(event);
  note_stack_limit(event);
  show_pages(log()[cursor_]);
  cursor_++;
  return Halt::event;
}

}  // namespace fred
