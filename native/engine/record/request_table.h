// Calls that are many calls in one: what they write depends on what is asked for.
#pragma once

#include "engine/record/syscall_table.h"
#include "engine/tracee/tracee.h"

namespace fred {

// The row of a call with its arguments. One without a row of its own, or with an unknown request, is recorded by comparing pages.
SyscallRow row_of(int number, const Arguments& arguments);

}  // namespace fred
