// The loop stands on the page for injected calls, behind the call instruction.
#include "engine/tracee/orphan.h"

#include <sched.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <cerrno>

namespace fred {

Orphan put_out(pid_t child, bool shares_memory) {
  Orphan orphan;
  orphan.shares_memory = shares_memory;
  int status = 0;
  if (waitpid(child, &status, __WALL) != child || !WIFSTOPPED(status)) return orphan;
  orphan.pid = child;
  ptrace(PTRACE_GETREGS, child, 0, &orphan.registers);
  orphan.registers.orig_rax = static_cast<uint64_t>(-1);
  ptrace(PTRACE_GETSIGMASK, child, sizeof orphan.mask, &orphan.mask);
  uint64_t all = ~0ull;
  ptrace(PTRACE_SETSIGMASK, child, sizeof all, &all);
  GeneralRegisters looping = orphan.registers;
  looping.rip = Tracee::waiting_loop;
  ptrace(PTRACE_SETREGS, child, 0, &looping);
  ptrace(PTRACE_DETACH, child, 0, 0);
  return orphan;
}

std::optional<Launched> adopt(const Orphan& orphan) {
  cpu_set_t here;
  CPU_ZERO(&here);
  sched_getaffinity(0, sizeof here, &here);
  sched_setaffinity(orphan.pid, sizeof here, &here);
  auto tracee = std::make_unique<Tracee>(orphan.pid);
  if (ptrace(PTRACE_SEIZE, orphan.pid, 0, trace_options) != 0) {
    const int error = errno;
    tracee->forget();
    throw EngineError("PTRACE", "PTRACE_SEIZE", error, "");
  }
  ptrace(PTRACE_INTERRUPT, orphan.pid, 0, 0);
  tracee->wait();
  if (tracee->is_gone()) return std::nullopt;
  tracee->set_registers(orphan.registers);
  tracee->set_signal_mask(orphan.mask);
  if (!orphan.shares_memory) {
    tracee->open_memory();
    return Launched{std::move(tracee), 0};
  }
  for (int status = tracee->resume_and_wait(PTRACE_CONT); !tracee->is_gone();) {
    if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_EXEC << 8))) return begin_program(std::move(tracee));
    const bool is_signal = status >> 16 == 0;
    status = tracee->resume_and_wait(PTRACE_CONT, is_signal ? WSTOPSIG(status) : 0);
  }
  return std::nullopt;
}

}  // namespace fred
