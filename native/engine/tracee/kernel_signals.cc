// The tracee's signals as the kernel has them.
#include "engine/tracee/kernel_signals.h"

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <memory>

#include "engine/engine.h"

namespace fred {
namespace {

constexpr size_t handler_offset = 0;  // in the kernel's struct sigaction
constexpr uint64_t mask_in_frame = 304;                                    // ucontext's uc_sigmask, seen from the handler's rsp
constexpr int first_real_time = 32;

constexpr uint64_t bit_of(int signal) { return 1ull << (signal - 1); }

bool is_ignored_by_default(int signal) {
  switch (signal) {
    case SIGCHLD:
    case SIGURG:
    case SIGWINCH:
    case SIGCONT:
    // Job control stops have no meaning under a debugger that holds the program already.
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
    case SIGSTOP: return true;
    default: return false;
  }
}

struct SignalSets {
  unsigned long blocked = 0, ignored = 0, caught = 0;
};

SignalSets read_sets(pid_t pid) {
  std::unique_ptr<FILE, int (*)(FILE*)> file(fopen(("/proc/" + std::to_string(pid) + "/status").c_str(), "re"), fclose);
  char line[256];
  SignalSets sets;
  while (file && fgets(line, sizeof line, file.get())) {
    sscanf(line, "SigBlk: %lx", &sets.blocked);
    sscanf(line, "SigIgn: %lx", &sets.ignored);
    sscanf(line, "SigCgt: %lx", &sets.caught);
  }
  return sets;
}

}  // namespace

bool is_synchronous(const siginfo_t& info) {
  switch (info.si_signo) {
    case SIGSEGV:
    case SIGBUS:
    case SIGFPE:
    case SIGILL:
    case SIGTRAP:
    case SIGSYS: return info.si_code > 0;
    default: return false;
  }
}

void KernelSignals::put_back(int signal, uint64_t mask, const std::vector<uint8_t>* action) {
  uint64_t handler = 0;
  if (action) memcpy(&handler, action->data() + handler_offset, sizeof handler);
  if (!(mask & bit_of(signal)) && handler != reinterpret_cast<uint64_t>(SIG_IGN)) return;
  if (action) set_action(signal, *action);
  tracee_.set_signal_mask(mask);
}

void KernelSignals::set_action(int signal, const std::vector<uint8_t>& action) {
  tracee_.inject(SYS_rt_sigaction, {static_cast<uint64_t>(signal), tracee_.place(action), 0, 8});
}

// The kernel lets nobody pretend to be it: what has a code of its own arrives as if it came from the engine.
void KernelSignals::send_again(const siginfo_t& info, bool is_for_any) {
  const pid_t pid = tracee_.pid(), tid = tracee_.tid();
  const bool has_value = info.si_code < 0 && info.si_code != SI_TKILL;
  siginfo_t copy = info;
  if (has_value && is_for_any && syscall(SYS_rt_sigqueueinfo, pid, info.si_signo, &copy) == 0) return;
  if (has_value && !is_for_any && syscall(SYS_rt_tgsigqueueinfo, pid, tid, info.si_signo, &copy) == 0) return;
  is_for_any ? kill(pid, info.si_signo) : static_cast<int>(syscall(SYS_tgkill, pid, tid, info.si_signo));
}

KernelSignals::Disposition KernelSignals::disposition(int signal) const {
  const SignalSets sets = read_sets(tracee_.tid());
  if (sets.caught & bit_of(signal)) return Disposition::caught;
  return (sets.ignored & bit_of(signal)) || is_ignored_by_default(signal) ? Disposition::ignored : Disposition::fatal;
}

uint64_t KernelSignals::blocked() const { return read_sets(tracee_.tid()).blocked; }

// Makes the kernel stop the tracee for a signal of ours, at the place where it is. Returns signals of the same number that were in
// the queue before it.
std::vector<siginfo_t> KernelSignals::bring_about(int signal) {
  std::vector<siginfo_t> others;
  tracee_.set_signal_mask(~bit_of(signal));
  syscall(SYS_tgkill, tracee_.pid(), tracee_.tid(), signal);
  for (;;) {
    const int status = tracee_.resume_and_wait(PTRACE_SINGLESTEP);
    if (tracee_.is_gone()) throw EngineError("GONE", "deliver", 0, "the program was killed from outside; run it again");
    const siginfo_t info = tracee_.signal_info();
    const bool is_ours = info.si_pid == getpid() && info.si_code == SI_TKILL;
    if (WSTOPSIG(status) == signal && is_ours) return others;
    if (WSTOPSIG(status) == SIGSTOP && is_ours) {
      tracee_.note_swallowed_stop();
    } else if (WSTOPSIG(status) == signal) {
      others.push_back(info);
      // An ordinary signal is queued only once: ours was merged with this one.
      if (signal < first_real_time) syscall(SYS_tgkill, tracee_.pid(), tracee_.tid(), signal);
    } else {
      throw EngineError("SIGNAL", "deliver", 0, "signal " + std::to_string(signal) + " could not be delivered");
    }
  }
}

bool KernelSignals::enter_handler(const siginfo_t& info, uint64_t blocked) {
  const int signal = info.si_signo;
  const bool is_at_delivery = seen_at_ == tracee_.stop_count();
  const uint64_t mask = tracee_.signal_mask();
  std::vector<siginfo_t> others;
  if (!is_at_delivery) {
    others = bring_about(signal);
    tracee_.set_signal_mask(blocked & ~bit_of(signal));
  }
  tracee_.set_signal_info(info);
  const int status = tracee_.resume_and_wait(PTRACE_SINGLESTEP, signal);
  if (tracee_.is_gone()) throw EngineError("GONE", "deliver", 0, "the program was killed from outside; run it again");
  for (const siginfo_t& other : others) send_again(other);
  const bool has_entered = WSTOPSIG(status) == SIGTRAP;
  if (!is_at_delivery) {
    // What the handler's return will set is the mask of the program, not that of the wait.
    if (has_entered)
      tracee_.write_exactly(tracee_.registers().rsp + mask_in_frame, &mask, sizeof mask);
    else
      tracee_.set_signal_mask(mask);
  }
  return has_entered;
}

}  // namespace fred
