// System calls: executed and written down at the head, emulated from the log behind it.
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <climits>
#include <cstring>

#include "engine/record/denied_call.h"
#include "engine/record/syscall_output.h"
#include "engine/session.h"
#include "engine/tracee/descriptors.h"
#include "engine/tracee/raised_limit.h"

namespace fred {
namespace {

constexpr int sys_restart = SYS_restart_syscall;
constexpr uint64_t file_backed_mask = MAP_ANONYMOUS;
constexpr int arch_set_gs = 0x1001, arch_set_fs = 0x1002;

std::array<uint64_t, 6> arguments_of(const GeneralRegisters& r) { return {r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9}; }

std::string hex(uint64_t value) {
  char text[24];
  snprintf(text, sizeof text, "%#lx", value);
  return text;
}

std::string render_call(int number, const std::array<uint64_t, 6>& arguments) {
  std::string text = std::string(syscall_name(number)) + "(";
  for (size_t i = 0; i < 6; i++) text += (i ? ", " : "") + hex(arguments[i]);
  return text + ")";
}

bool is_write(int number) {
  return number == SYS_write || number == SYS_pwrite64 || number == SYS_writev || number == SYS_pwritev || number == SYS_pwritev2;
}

// A write to a terminal, or to where standard output or error go: how many bytes. Nothing for any other call.
std::optional<int64_t> shown_length(const Tracee& tracee, int number, const std::array<uint64_t, 6>& arguments) {
  if (number != SYS_write && number != SYS_writev) return std::nullopt;
  const auto describe = [&](int fd) { return describe_descriptor(0, tracee.pid(), fd, false); };
  const OpenFileRef file = describe(static_cast<int>(arguments[0]));
  const auto goes_to = [&](int fd) {
    const OpenFileRef other = describe(fd);
    return other && other->path == file->path;
  };
  if (!file || !(file->is_terminal || goes_to(1) || goes_to(2))) return std::nullopt;
  if (number == SYS_write) return static_cast<int64_t>(arguments[2]);
  std::vector<iovec> parts(std::min<uint64_t>(arguments[2], IOV_MAX));
  if (tracee.read(arguments[1], parts.data(), parts.size() * sizeof(iovec)) != parts.size() * sizeof(iovec)) return std::nullopt;
  int64_t length = 0;
  for (const iovec& part : parts) length += static_cast<int64_t>(part.iov_len);
  return length;
}

// The program's end, where this call is it: exit, or a signal to itself that nothing can stop.
std::optional<Ending> ending_by(pid_t pid, int number, const std::array<uint64_t, 6>& arguments) {
  const auto is_self = [&](uint64_t process) { return static_cast<pid_t>(process) == pid; };
  switch (number) {
    case SYS_exit:
    case SYS_exit_group: return Ending{true, static_cast<int>(arguments[0] & 0xff)};
    case SYS_kill:
    case SYS_tkill: return is_self(arguments[0]) && arguments[1] == SIGKILL ? std::optional(Ending{false, SIGKILL}) : std::nullopt;
    case SYS_tgkill:
      return is_self(arguments[0]) && is_self(arguments[1]) && arguments[2] == SIGKILL ? std::optional(Ending{false, SIGKILL}) : std::nullopt;
    default: return std::nullopt;
  }
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
  const EventRef made = std::make_shared<const Event>(std::move(event));
  const bool is_followed = is_scratch_ || is_kernel_here();
  if (!is_scratch_) {
    log().push_back(made);
    cursor_++;
  }
  if (is_followed) follow_kernel(made, is_from_tape);
  if (is_scratch_) return;
  is_at_head_ = true;  // what was just written down is the newest there is
  next_known_ = nullptr;
}

// Back to the state just before the present system call, so that a resume makes it again.
static GeneralRegisters before_call(GeneralRegisters registers, int number) {
  registers.rip -= 2;
  registers.rax = static_cast<uint64_t>(number);
  registers.orig_rax = static_cast<uint64_t>(-1);
  return registers;
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

Halt Session::miss_limit() {
  refuse("replay came to the end of the recording at event " + std::to_string(cursor_) +
         " without meeting the state it looked for; travel to an earlier checkpoint with fred-goto, or run again.");
  return Halt::diverged;
}

Halt Session::record_syscall() {
  const GeneralRegisters entry = tracee_->registers();
  int number = static_cast<int>(entry.orig_rax);
  std::array<uint64_t, 6> arguments = arguments_of(entry);
  if (number == sys_restart && restarted_.number >= 0) {
    number = restarted_.number;
    arguments = restarted_.arguments;
  }
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
  if (const std::optional<Ending> ending = ending_by(tracee_->pid(), number, arguments)) return park(*ending);
  const SyscallRow* row = find_syscall(number);
  SyscallClass kind = row ? row->kind : SyscallClass::refused;
  switch (kind) {
    case SyscallClass::refused: return answer(number, arguments, -ENOSYS, {});
    case SyscallClass::unsupported:
      return refuse("the program is about to call " + std::string(row->name) +
                    ", which cannot be recorded yet; travel back from here, or run it in plain gdb.");
    case SyscallClass::exec: {
      // Only a call that would succeed ends what we can record; let the others fail by themselves.
      char path[4096] = {};
      tracee_->read(number == SYS_execve ? arguments[0] : arguments[1], path, sizeof path - 1);
      std::string from = path[0] == '/' ? "/proc/" + std::to_string(tracee_->pid()) + "/root" : "/proc/" + std::to_string(tracee_->pid()) + "/cwd/";
      if (path[0] != 0 && access((from + path).c_str(), X_OK) != 0) break;
      return refuse(std::string("the program is about to execute \"") + path + "\" (" + syscall_name(number) +
                    "), which cannot be recorded yet; travel back from here, or debug that program by itself.");
    }
    case SyscallClass::fork: {
      const uint64_t flags = number == SYS_clone ? arguments[0] : 0;
      if ((flags & CLONE_VM) && !(flags & CLONE_VFORK))
        return refuse("the program is about to start a thread (clone), which cannot be recorded yet; travel back from here, or run it "
                      "in plain gdb.");
      break;
    }
    default: break;
  }
  if (is_scratch_ && is_scratch_mute_) {
    if (const std::optional<int64_t> length = shown_length(*tracee_, number, arguments)) return answer(number, arguments, *length, {});
  }
  if (const std::optional<int64_t> denied = denied_result(number, arguments)) return answer(number, arguments, *denied, {});
  if (std::optional<Halt> fed = feed(number, arguments)) return *fed;
  if (writes_own_memory_ && is_write(number)) kind = SyscallClass::pages;
  return run_to_exit(kind, number, arguments);
}

// A child process is not ours to record: it gets back what we took from its parent and goes its own way.
void Session::release_child(int pid) {
  int status = 0;
  if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status)) return;
  GeneralRegisters saved{};
  ptrace(PTRACE_GETREGS, pid, 0, &saved);
  GeneralRegisters call = saved;
  call.rip = Tracee::scratch_page;
  call.rax = SYS_prctl;
  call.orig_rax = static_cast<uint64_t>(-1);
  call.rdi = PR_SET_TSC;
  call.rsi = PR_TSC_ENABLE;
  for (int attempt = 0; attempt < 4; attempt++) {
    ptrace(PTRACE_SETREGS, pid, 0, &call);
    ptrace(PTRACE_SINGLESTEP, pid, 0, 0);
    if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status)) return;
    GeneralRegisters now{};
    ptrace(PTRACE_GETREGS, pid, 0, &now);
    if (now.rip == call.rip + 2) break;
  }
  ptrace(PTRACE_SETREGS, pid, 0, &saved);
  cpu_set_t all;
  CPU_ZERO(&all);
  for (int cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF); cpu++) CPU_SET(cpu, &all);
  sched_setaffinity(pid, sizeof all, &all);
  ptrace(PTRACE_DETACH, pid, 0, 0);
}

Halt Session::run_to_exit(SyscallClass kind, int number, const std::array<uint64_t, 6>& arguments) {
  const std::optional<FileWrite> mapped = find_mapped_write(number, arguments);
  const bool compares = kind == SyscallClass::pages || kind == SyscallClass::fork || mapped;
  PageIndex before;
  std::vector<std::pair<uint64_t, PageRef>> changed;
  if (compares) {
    breakpoints_.lift_all();
    memory_->sync();
    if (mapped) keep_shown_pages(*mapped);
    before = memory_->image().pages;
  }
  interrupter_->set_in_syscall(true);
  int status = tracee_->resume_and_wait(PTRACE_SYSCALL);
  while (!tracee_->is_gone() && WSTOPSIG(status) != (SIGTRAP | 0x80) && status >> 16 != 0) {
    const int event = status >> 16;
    if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
      unsigned long child = 0;
      ptrace(PTRACE_GETEVENTMSG, tracee_->pid(), 0, &child);
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
    restarted_ = {number, arguments};
    return dispatch(tracee_->resume_and_wait(PTRACE_SYSCALL), false);
  }
  if (result == -EINTR && interrupter_->is_requested() && number != SYS_pause && number != SYS_rt_sigsuspend) {
    // epoll_wait and its kind answer our own SIGSTOP with EINTR: the program must not see it.
    status = tracee_->resume_and_wait(PTRACE_SYSCALL);
    if (WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP && tracee_->signal_info().si_pid == getpid()) {
      tracee_->set_registers(before_call(exit, number));
      return Halt::alarm;
    }
    return dispatch(status, false);
  }
  restarted_.number = -1;
  if (opens_own_memory(*tracee_, number, result)) writes_own_memory_ = true;
  if (kind == SyscallClass::mapping) note_mapping(number, arguments, result);
  Event event;
  event.number = number;
  event.arguments = arguments;
  event.result = result;
  if (compares) {
    memory_->sync();
    if (mapped) changed = memory_->refresh_file(mapped->inode, mapped->start, mapped->end);
    event.writes = changed_bytes(before, memory_->image().pages);
  } else if (const SyscallRow* row = find_syscall(number)) {
    event.writes = read_outputs(*tracee_, *row, arguments, result);
  }
  if (number == SYS_mmap && !(arguments[3] & file_backed_mask) && result >= 0)
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
  if (!changed.empty()) shown_[log().back()].insert(changed.begin(), changed.end());
  if (number == SYS_mmap && !is_scratch_) note_shown_pages(log().back());
  if (number == SYS_mremap) kept_blocks_.clear();  // what is shown at another address is not held there yet
  return Halt::event;
}

// Keeps the memory image true to what the call did to the address space.
void Session::note_mapping(int number, const std::array<uint64_t, 6>& arguments, int64_t result) {
  if (is_error(result)) return;
  const uint64_t at = static_cast<uint64_t>(result);
  auto whole = [](uint64_t length) { return (length + page_size - 1) & ~(page_size - 1); };
  auto gone = [this](uint64_t start, uint64_t end) {
    memory_->forget(start, end);
    forget_random_instructions(start, end);
  };
  switch (number) {
    case SYS_brk: {
      const uint64_t old = memory_->image().program_break;
      if (at < old) memory_->forget(page_of(at + page_size - 1), old + page_size);
      memory_->set_program_break(at);
      break;
    }
    case SYS_mmap:
      gone(at, at + whole(arguments[1]));
      if (arguments[3] & MAP_GROWSDOWN) memory_->note_growing(at + whole(arguments[1]));
      break;
    case SYS_munmap:
    case SYS_remap_file_pages: gone(arguments[0], arguments[0] + whole(arguments[1])); break;
    case SYS_mremap:
      if (at == arguments[0]) {  // in place: what stays mapped stays as it was
        gone(at + whole(std::min(arguments[1], arguments[2])), at + whole(std::max(arguments[1], arguments[2])));
      } else {
        gone(arguments[0], arguments[0] + whole(arguments[1]));
        gone(at, at + whole(arguments[2]));
      }
      break;
    case SYS_madvise:
      if (arguments[2] == MADV_DONTNEED || arguments[2] == MADV_REMOVE || arguments[2] == MADV_FREE)
        memory_->forget(arguments[0], arguments[0] + whole(arguments[1]));
      break;
    default: break;
  }
  memory_->watch_new();
  const bool may_add_text = (number == SYS_mmap || number == SYS_mprotect) && (arguments[2] & PROT_EXEC);
  if (may_add_text) {
    breakpoints_.lift_all();
    find_random_instructions();
  }
}

int64_t Session::replay_mapping(const Event& event) {
  std::array<uint64_t, 6> a = event.arguments;
  if (is_error(event.result)) return event.result;
  const RoomForMemory room(tracee_->pid());
  int64_t opened = -1;
  if (event.number == SYS_mmap) {
    a[0] = static_cast<uint64_t>(event.result);
    a[3] = (a[3] & ~static_cast<uint64_t>(MAP_FIXED_NOREPLACE | MAP_32BIT)) | MAP_FIXED;
    if (!(a[3] & file_backed_mask)) {
      const bool writes_through = (a[3] & MAP_TYPE) != MAP_PRIVATE && (a[2] & PROT_WRITE);
      opened = open_in(*tracee_, event.file, writes_through ? O_RDWR : O_RDONLY);
      if (opened < 0) return opened;
      a[4] = static_cast<uint64_t>(opened);
    }
  } else if (event.number == SYS_brk) {
    a[0] = static_cast<uint64_t>(event.result);  // where it stands after a failure too, whatever limit was the cause
  } else if (event.number == SYS_mremap && event.result != static_cast<int64_t>(a[0])) {
    a[3] |= MREMAP_FIXED | MREMAP_MAYMOVE;
    a[4] = static_cast<uint64_t>(event.result);
  }
  const int64_t result = tracee_->inject(event.number, a);
  if (opened >= 0) tracee_->inject(SYS_close, {static_cast<uint64_t>(opened)});
  note_mapping(event.number, event.arguments, event.result);
  return result;
}

void Session::apply_writes(const Event& event) {
  for (const MemoryWrite& write : event.writes) tracee_->write(write.address, write.bytes.data(), write.bytes.size());
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
    }
  }
  message_ = "replay diverged at event " + std::to_string(cursor_) + " (pc " + hex(tracee_->registers().rip) + "): the recording has " +
             expected + ", the program made " + seen + "; travel to an earlier checkpoint with fred-goto, or run again.";
  return Halt::diverged;
}

Halt Session::replay_syscall() {
  const GeneralRegisters entry = tracee_->registers();
  const int number = static_cast<int>(entry.orig_rax);
  const std::array<uint64_t, 6> arguments = arguments_of(entry);
  const Event& event = *next_event();
  const bool is_continuation = number == sys_restart;
  if (event.kind == EventKind::exit) {
    if (const std::optional<Ending> ending = ending_by(tracee_->pid(), number, arguments)) return park(*ending);
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
  tracee_->set_registers(result);
  apply_writes(event);
  show_pages(log()[cursor_]);
  cursor_++;
  return Halt::event;
}

// After an interrupted call the kernel would restart it on its own; put the program before the call instead.
void Session::canonicalise_interrupted() {
  GeneralRegisters registers = tracee_->registers();
  const auto result = static_cast<int64_t>(registers.rax);
  const auto call = static_cast<int64_t>(registers.orig_rax);
  if (call < 0 || !is_restart(result)) return;
  tracee_->set_registers(before_call(registers, result == restart_block ? sys_restart : static_cast<int>(call)));
}

}  // namespace fred
