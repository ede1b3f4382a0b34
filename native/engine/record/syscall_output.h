// Copies what a finished system call wrote into the program's memory.
#pragma once

#include <vector>

#include "engine/checkpoint/page_index.h"
#include "engine/log/event.h"
#include "engine/record/syscall_table.h"
#include "engine/tracee/tracee.h"

namespace fred {

// Precondition: the tracee is at the exit of the call.
std::vector<MemoryWrite> read_outputs(const Tracee& tracee, const SyscallRow& row, const Arguments& arguments,
                                      int64_t result);
// The runs of bytes by which two images of memory differ.
std::vector<MemoryWrite> changed_bytes(const PageIndex& before, const PageIndex& after);

}  // namespace fred
