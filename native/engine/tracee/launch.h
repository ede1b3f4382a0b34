// Starts a program under ptrace and makes it deterministic before its first instruction.
#pragma once

#include <sys/ptrace.h>

#include <memory>

#include "engine/engine.h"
#include "engine/tracee/tracee.h"

namespace fred {

// Of every tracee.
constexpr long trace_options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                               PTRACE_O_TRACECLONE;

struct Launched {
  std::unique_ptr<Tracee> tracee;
  // The program's own entry point, when the loader was told something there (bind_now) that the program must not see; 0: no.
  uint64_t told_loader_until = 0;
};

// What ld.so is told: it then resolves no function lazily. Its lazy resolver saves the vector registers by XSAVEC, and which of
// them the processor holds to be in use is not deterministic. Always the last variable of the environment.
constexpr const char* bind_now = "LD_BIND_NOW=1";

// The tracee stands in an execve that has succeeded. Throws EngineError "GONE".
Launched begin_program(std::unique_ptr<Tracee> tracee);

// The tracee stands at its first instruction (of the dynamic loader), pinned to the calling thread's CPU.
// Throws EngineError "EXEC" with errno when the program cannot be executed.
Launched launch_tracee(const LaunchOptions& options);

// A process without memory or threads of its own worth mentioning, to be filled with the states of a recording.
// `name`: as it is shown in lists of processes.
Launched launch_blank(const std::string& name);

// ptrace stops are several times cheaper when tracer and tracee share a CPU. `cpu`: the wished one; -1: where there is room.
// Returns which it is: CPUID tells the program, so a recording is replayed on the same one, when there is one of that number.
int pin_this_thread(int cpu = -1);

}  // namespace fred
