// System calls at the head: executed and written down.
#include <linux/sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/record/denied_call.h"
#include "engine/record/request_table.h"
#include "engine/record/syscall_entry.h"
#include "engine/record/syscall_output.h"
#include "engine/session/session.h"

namespace fred {
namespace {

constexpr useconds_t exec_look_us = 50;
constexpr int arch_set_gs = 0x1001, arch_set_fs = 0x1002;

bool is_write(int number) {
  return number == SYS_write || number == SYS_pwrite64 || number == SYS_writev || number == SYS_pwritev || number == SYS_pwritev2;
}

// What a waiting call overwrites as soon as something interrupts it: how much is left of its time. Not what other threads write as well.
std::vector<MemoryWrite> read_time_left(const Tracee& tracee, int number, const Arguments& arguments) {
  return number == SYS_futex ? std::vector<MemoryWrite>() : read_outputs(tracee, row_of(number, arguments), arguments, -EINTR);
}

// /proc/self/mem: what is written there changes the program's memory.
bool opens_own_memory(const Tracee& tracee, int number, int64_t result) {
  if (result < 0 || (number != SYS_open && number != SYS_openat && number != SYS_openat2)) return false;
  const std::string process = "/proc/" + std::to_string(tracee.pid());
  char target[64] = {};
  return readlink((process + "/fd/" + std::to_string(result)).c_str(), target, sizeof target - 1) > 0 && process + "/mem" == target;
}

}  // namespace

void Session::append(Event event, bool is_from_tape) {
  if (!event.is_wait_end) event.thread = thread_;
  const EventRef made = std::make_shared<const Event>(std::move(event));
  const bool is_followed = is_scratch_ || is_kernel_here();
  is_at_boundary_ = true;
  if (!is_scratch_) {
    log().push_back(made);
    cursor_++;
    if (is_recording()) recorder_->add(made);
  }
  if (is_followed && !is_stored_) follow_kernel(made, is_from_tape);
  if (is_scratch_) return;
  note_thread_call(*made);
  note_stack_limit(*made);
  is_at_head_ = true;  // what was just written down is the newest there is
  next_known_ = nullptr;
}

// At the entry of a call: it does not happen; its result is `result`.
Halt Session::skip_syscall(int64_t result) {
  GeneralRegisters registers = tracee_->registers();
  GeneralRegisters skip = registers;
  skip.orig_rax = static_cast<uint64_t>(-1);
  tracee_->set_registers(skip);
  tracee_->resume_and_wait(PTRACE_SYSCALL);
  registers.rax = static_cast<uint64_t>(result);
  registers.orig_rax = static_cast<uint64_t>(-1);
  tracee_->set_registers(registers);
  return Halt::event;
}

Halt Session::park(const Ending& ending) {
  const int number = static_cast<int>(tracee_->registers().orig_rax);
  if (!is_replaying()) {
    skip_syscall(0);
    tracee_->set_registers(before_call(tracee_->registers(), number));
    if (!is_scratch_) {
      Event event;
      event.kind = EventKind::exit;
      event.number = ending.number;
      event.outcome = ending.is_exit ? Outcome::dropped : Outcome::fatal;
      log().push_back(std::make_shared<const Event>(std::move(event)));  // not consumed: the position is before it
    }
  } else {
    tracee_->set_registers(before_call(tracee_->registers(), number));
  }
  ending_ = ending;
  return Halt::ended;
}

Halt Session::refuse(const std::string& text) {
  const int number = static_cast<int>(tracee_->registers().orig_rax);
  skip_syscall(0);
  tracee_->set_registers(before_call(tracee_->registers(), number));
  message_ = text;
  return Halt::unsupported;
}

// One line for the user that is never said twice.
void Session::tell_once(const std::string& text) {
  if (told_.insert(text).second) notes_.push_back(text);
}

Halt Session::miss_limit() {
  refuse("replay came to the end of the recording at event " + std::to_string(cursor_) +
         " without meeting the state it looked for; travel to an earlier checkpoint with fred-goto, or run again.");
  return Halt::diverged;
}

// At the entry of an execve that will probably succeed. This timeline ends before it; the other threads end with it.
Halt Session::record_exec(int number, const Arguments& arguments) {
  skip_syscall(0);
  tracee_->set_registers(before_call(tracee_->registers(), number));
  leave_kernel();
  breakpoints_.lift_all();
  recorder_->add(capture(CheckpointKind::stop));
  int status = 0;
  do status = tracee_->resume_and_wait(PTRACE_SYSCALL);
  while (!tracee_->is_gone() && WSTOPSIG(status) != (SIGTRAP | 0x80) && status >> 16 != 0);
  if (tracee_->is_gone() || WSTOPSIG(status) != (SIGTRAP | 0x80)) return dispatch(status, false);
  tracee_->resume(PTRACE_SYSCALL);
  std::set<pid_t> others;
  for (const Task& task : tasks_)
    if (task.tid != tracee_->tid()) others.insert(task.tid);
  // The call comes back when all of them are gone and waited for, or at once with an error.
  for (std::optional<int> stopped; !stopped; usleep(exec_look_us)) {
    std::erase_if(others, [](pid_t tid) { return waitpid(tid, nullptr, __WALL | WNOHANG) != 0; });
    stopped = tracee_->poll();
    if (stopped) status = *stopped;
  }
  if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_EXEC << 8))) {
    recorder_->finish(std::nullopt);
    return Halt::executed;
  }
  if (tracee_->is_gone() || WSTOPSIG(status) != (SIGTRAP | 0x80)) return dispatch(status, false);
  Event event;
  event.number = number;
  event.arguments = arguments;
  event.result = static_cast<int64_t>(tracee_->registers().rax);
  append(std::move(event));
  return Halt::event;
}

Halt Session::record_syscall() {
  const GeneralRegisters entry = tracee_->registers();
  int number = static_cast<int>(entry.orig_rax);
  Arguments arguments = arguments_of(entry);
  if (const Task& task = tasks_[thread_]; number == SYS_restart_syscall && task.restarted_number >= 0) {
    number = task.restarted_number;
    arguments = task.restarted_arguments;
  }
  if (is_stored_) return answer_from_recording(number, arguments);
  if (is_scratch_ && !is_scratch_settled_ && !is_kernel_here()) {
    // Only calls of the debugger's that ask the kernel for something pay for putting it back.
    skip_syscall(0);
    tracee_->set_registers(before_call(tracee_->registers(), number));
    settle_kernel();
    return Halt::event;
  }
  if (tracee_->is_in_compat_call())
    return refuse("the program is about to make a 32-bit system call (int 0x80), which cannot be recorded yet; travel back from here, or "
                  "run it in plain gdb.");
  if (number == SYS_exit && threads_.size() > 1 && !is_scratch_) return end_thread(arguments);
  if (const std::optional<Ending> ending = ending_by(program_pid_, number, arguments)) return park(*ending);
  const SyscallRow row = row_of(number, arguments);
  SyscallClass kind = row.kind;
  if (!find_syscall(number) && !is_scratch_)
    tell_once("the program uses system call " + std::to_string(number) +
              ", which fred-ts does not know: what it writes is found by comparing memory; other effects of it are not undone.");
  switch (kind) {
    case SyscallClass::refused:
      if (number == SYS_io_uring_setup)
        tell_once("the program asked for io_uring, which cannot be recorded: it is told that this kernel has none, and mostly does without.");
      return answer(number, arguments, -ENOSYS, {});
    case SyscallClass::unsupported:
      return refuse("the program is about to call " + std::string(row.name) +
                    ", which cannot be recorded yet; travel back from here, or run it in plain gdb.");
    case SyscallClass::exec: {
      // Only a call that would succeed ends what we can record; let the others fail by themselves.
      char path[4096] = {};
      tracee_->read(number == SYS_execve ? arguments[0] : arguments[1], path, sizeof path - 1);
      std::string from = path[0] == '/' ? "/proc/" + std::to_string(tracee_->pid()) + "/root" : "/proc/" + std::to_string(tracee_->pid()) + "/cwd/";
      if (path[0] != 0 && access((from + path).c_str(), X_OK) != 0) break;
      if (is_recording() && thread_ == 0) return record_exec(number, arguments);
      return refuse(std::string("the program is about to execute \"") + path + "\" (" + syscall_name(number) +
                    "), which cannot be recorded yet; travel back from here, or debug that program by itself.");
    }
    case SyscallClass::fork: {
      const uint64_t flags = number == SYS_clone ? arguments[0] : 0;
      if (!(flags & CLONE_VM) || (flags & CLONE_VFORK)) break;
      if (!(flags & CLONE_THREAD))
        return refuse("the program is about to start a process that shares its memory (clone), which cannot be recorded yet; travel back "
                      "from here, or run it in plain gdb.");
      if (is_scratch_) return refuse("a function called from the debugger is about to start a thread, which cannot be undone.");
      kind = SyscallClass::plain;
      break;
    }
    default: break;
  }
  if (is_scratch_ && is_scratch_mute_) {
    if (const std::optional<int64_t> length = shown_length(*tracee_, number, arguments)) return answer(number, arguments, *length, {});
  }
  if (const std::optional<int64_t> denied = denied_result(number, arguments)) return answer(number, arguments, *denied, {});
  if (std::optional<Halt> fed = feed(number, arguments)) return *fed;
  if (number == SYS_shmat)
    if (const std::optional<Halt> refused = prepare_attach(arguments)) return *refused;
  if (writes_own_memory_ && is_write(number)) kind = SyscallClass::pages;
  return run_to_exit(kind, number, arguments);
}

Halt Session::run_to_exit(SyscallClass kind, int number, const Arguments& arguments) {
  const std::optional<FileWrite> mapped = find_mapped_write(number, arguments);
  const bool compares = kind == SyscallClass::pages || kind == SyscallClass::fork || number == SYS_shmdt || mapped;
  PageIndex before;
  std::vector<std::pair<uint64_t, PageRef>> changed;
  if (compares) {
    breakpoints_.lift_all();
    memory_->sync();
    if (mapped) keep_shown_pages(*mapped);
    before = memory_->image().pages;
  }
  if (kind == SyscallClass::fork)
    for (const Vma& vma : *memory_->image().vmas)
      if (vma.is_shared && (vma.protection & PROT_WRITE)) tell_shared();
  Event event;
  event.number = number;
  event.arguments = arguments;
  const bool may_sleep = threads_.size() > 1 && kind == SyscallClass::plain && !compares && !is_scratch_;
  const GeneralRegisters entry = tracee_->registers();
  XState xstate = may_sleep ? tracee_->xstate() : XState();
  std::vector<MemoryWrite> time_left = read_time_left(*tracee_, number, arguments);
  interrupter_->set_in_syscall(true);
  int status = 0;
  if (may_sleep) {
    const std::optional<int> end = run_or_sleep();
    if (!end) {
      interrupter_->set_in_syscall(false);
      tasks_[thread_].time_left = std::move(time_left);
      return begin_wait(number, entry, std::move(xstate));
    }
    status = *end;
  } else {
    status = tracee_->resume_and_wait(PTRACE_SYSCALL);
  }
  while (!tracee_->is_gone() && WSTOPSIG(status) != (SIGTRAP | 0x80) && status >> 16 != 0) {
    const int kind_of_stop = status >> 16;
    if (kind_of_stop == PTRACE_EVENT_FORK || kind_of_stop == PTRACE_EVENT_VFORK || kind_of_stop == PTRACE_EVENT_CLONE) {
      unsigned long child = 0;
      ptrace(PTRACE_GETEVENTMSG, tracee_->tid(), 0, &child);
      if (number == SYS_clone && (arguments[0] & CLONE_THREAD))
        start_thread(static_cast<pid_t>(child), event);
      else if (options_.followers && is_recording())
        hand_over(static_cast<pid_t>(child), kind_of_stop == PTRACE_EVENT_VFORK || (number == SYS_clone && (arguments[0] & CLONE_VFORK)));
      else
        release_child(static_cast<int>(child));
    }
    status = tracee_->resume_and_wait(PTRACE_SYSCALL);
  }
  interrupter_->set_in_syscall(false);
  if (tracee_->is_gone() || WSTOPSIG(status) != (SIGTRAP | 0x80)) return dispatch(status, false);
  const GeneralRegisters exit = tracee_->registers();
  const int64_t result = static_cast<int64_t>(exit.rax);
  if (is_restart(result)) {
    // Not finished: a signal comes now, and then the kernel makes the call again by itself, or a handler runs first. The state in
    // between is no place to stand on.
    tasks_[thread_].restarted_number = number;
    tasks_[thread_].restarted_arguments = arguments;
    const Halt halt = dispatch(tracee_->resume_and_wait(PTRACE_SYSCALL), false);
    if (halt == Halt::alarm) write_all(time_left);
    return halt;
  }
  if (result == -EINTR && interrupter_->is_requested() && number != SYS_pause && number != SYS_rt_sigsuspend) {
    // epoll_wait and its kind answer our own SIGSTOP with EINTR: the program must not see it.
    status = tracee_->resume_and_wait(PTRACE_SYSCALL);
    if (WIFSTOPPED(status) && is_interruption(tracee_->signal_info())) {
      tracee_->set_registers(before_call(exit, number));
      write_all(time_left);
      return Halt::alarm;
    }
    return dispatch(status, false);
  }
  tasks_[thread_].restarted_number = -1;
  if (opens_own_memory(*tracee_, number, result)) writes_own_memory_ = true;
  if (kind == SyscallClass::mapping) note_mapping(number, arguments, result);
  event.result = result;
  if (compares) {
    memory_->sync();
    if (mapped) changed = memory_->refresh_file(mapped->inode, mapped->start, mapped->end);
    if (kind != SyscallClass::mapping) event.writes = changed_bytes(before, memory_->image().pages);
  } else {
    event.writes = read_outputs(*tracee_, row_of(number, arguments), arguments, result);
  }
  if (number == SYS_sched_yield) slice_end_ = {};
  if (number == SYS_shmat && result >= 0)
    if (const std::vector<Vma> vmas = tracee_->maps(); const Vma* vma = find_vma(vmas, static_cast<uint64_t>(result)))
      event.file = memory_->files().keep(tracee_->pid(), *vma);
  if (number == SYS_mmap && !(arguments[3] & MAP_ANONYMOUS) && result >= 0)
    event.file = memory_->files().keep_descriptor(tracee_->pid(), static_cast<int>(arguments[4]));
  if (kind == SyscallClass::sigreturn || kind == SyscallClass::set_fs) {
    event.detail = std::make_unique<EventDetail>();
    event.detail->registers = exit;
    event.detail->xstate = tracee_->xstate();
  }
  if (kind == SyscallClass::set_fs && arguments[0] != arch_set_fs && arguments[0] != arch_set_gs && result == 0)
    event.writes.push_back({arguments[1], std::vector<uint8_t>(8)}), tracee_->read(arguments[1], event.writes.back().bytes.data(), 8);
  event.kernel = note_kernel(event);
  append(std::move(event));
  if (!changed.empty()) {
    shown_[log().back()].insert(changed.begin(), changed.end());
    note_shown(log().back());
  }
  if (number == SYS_mmap && !is_scratch_) note_shown_pages(log().back());
  if (number == SYS_mremap) kept_blocks_.clear();  // what is shown at another address is not held there yet
  return Halt::event;
}

// After an interrupted call the kernel would restart it on its own; put the program before the call instead.
void Session::canonicalise_interrupted() {
  GeneralRegisters registers = tracee_->registers();
  const auto result = static_cast<int64_t>(registers.rax);
  const auto call = static_cast<int64_t>(registers.orig_rax);
  if (call < 0 || !is_restart(result)) return;
  tracee_->set_registers(before_call(registers, result == restart_block ? SYS_restart_syscall : static_cast<int>(call)));
}

}  // namespace fred
