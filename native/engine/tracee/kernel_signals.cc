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

constexpr size_t action_bytes = 32, handler_offset = 0, flags_offset = 8;  // handler, flags, restorer, mask
constexpr uint64_t mask_in_frame = 304;                                    // ucontext's uc_sigmask, seen from the handler's rsp
constexpr int first_real_time = 32;

constexpr uint64_t bit_of(int signal) { return 1ull << (signal - 1); }

bool is_of_faults(int signal) {
  return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL || signal == SIGTRAP || signal == SIGSYS;
}

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

uint64_t word_of(const std::string& action, size_t offset) {
  uint64_t word = 0;
  memcpy(&word, action.data() + offset, sizeof word);
  return word;
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

void KernelSignals::note_call(int number, const std::array<uint64_t, 6>& arguments, int64_t result) {
  if (number == SYS_rt_sigprocmask || number == SYS_rt_sigreturn) mask_ = tracee_.signal_mask();
  const int signal = static_cast<int>(arguments[0]);
  if (number != SYS_rt_sigaction || result != 0 || arguments[1] == 0 || !is_of_faults(signal)) return;
  std::string action(action_bytes, 0);
  tracee_.read_exactly(arguments[1], action.data(), action.size());
  actions_[signal] = std::move(action);
}

void KernelSignals::put_back(int signal) {
  const auto action = actions_.find(signal);
  const bool was_ignored = action != actions_.end() && word_of(action->second, handler_offset) == reinterpret_cast<uint64_t>(SIG_IGN);
  if (!(mask_ & bit_of(signal)) && !was_ignored) return;
  if (action != actions_.end()) set_action(signal, action->second);
  tracee_.set_signal_mask(mask_);
}

void KernelSignals::set_action(int signal, const std::string& action) {
  const uint64_t place = tracee_.place_string(action);
  tracee_.inject(SYS_rt_sigaction, {static_cast<uint64_t>(signal), place, 0, 8});
  if (is_of_faults(signal)) actions_[signal] = action;
}

void KernelSignals::set_mask(uint64_t mask) {
  mask_ = mask;
  tracee_.set_signal_mask(mask);
}

// The kernel lets nobody pretend to be it: what has a code of its own arrives as if it came from the engine.
void KernelSignals::send_again(const siginfo_t& info) {
  const pid_t pid = tracee_.pid();
  siginfo_t copy = info;
  if (info.si_code < 0 && info.si_code != SI_TKILL && syscall(SYS_rt_tgsigqueueinfo, pid, pid, info.si_signo, &copy) == 0) return;
  syscall(SYS_tgkill, pid, pid, info.si_signo);
}

KernelSignals::Disposition KernelSignals::disposition(int signal) const {
  const SignalSets sets = read_sets(tracee_.pid());
  if (sets.caught & bit_of(signal)) return Disposition::caught;
  return (sets.ignored & bit_of(signal)) || is_ignored_by_default(signal) ? Disposition::ignored : Disposition::fatal;
}

uint64_t KernelSignals::blocked() const { return read_sets(tracee_.pid()).blocked; }

// Makes the kernel stop the tracee for a signal of ours, at the place where it is. Returns signals of the same number that were in
// the queue before it.
std::vector<siginfo_t> KernelSignals::bring_about(int signal) {
  std::vector<siginfo_t> others;
  tracee_.set_signal_mask(~bit_of(signal));
  syscall(SYS_tgkill, tracee_.pid(), tracee_.pid(), signal);
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
      if (signal < first_real_time) syscall(SYS_tgkill, tracee_.pid(), tracee_.pid(), signal);
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
  mask_ = tracee_.signal_mask();
  // SA_RESETHAND
  auto action = actions_.find(signal);
  if (action != actions_.end() && (word_of(action->second, flags_offset) & static_cast<uint32_t>(SA_RESETHAND))) actions_.erase(action);
  return has_entered;
}

}  // namespace fred
