// A child process on its way from the tracer thread of its parent to one of its own: ptrace belongs to a thread.
#pragma once

#include <optional>

#include "engine/tracee/launch.h"

namespace fred {

struct Orphan {
  pid_t pid = 0;
  GeneralRegisters registers{};  // with which it goes on
  uint64_t mask = 0;             // of its signals
  bool shares_memory = false;    // with its parent, until it executes a program (vfork)
};

// Tracer of the parent: the child has been born, in its first stop. It then waits in a loop, without signals, for adopt().
Orphan put_out(pid_t child, bool shares_memory);

// Any other thread. A child that shares its parent's memory is taken over when it has executed a program; nothing: it ended before that.
std::optional<Launched> adopt(const Orphan& orphan);

}  // namespace fred
