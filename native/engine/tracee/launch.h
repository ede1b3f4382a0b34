// Starts a program under ptrace and makes it deterministic before its first instruction.
#pragma once

#include <memory>

#include "engine/engine.h"
#include "engine/tracee/tracee.h"

namespace fred {

// The tracee stands at its first instruction (of the dynamic loader), pinned to the calling thread's CPU.
// Throws EngineError "EXEC" with errno when the program cannot be executed.
std::unique_ptr<Tracee> launch_tracee(const LaunchOptions& options);

// ptrace stops are several times cheaper when tracer and tracee share a CPU.
void pin_this_thread();

}  // namespace fred
