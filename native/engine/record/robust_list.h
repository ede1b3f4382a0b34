// Locks that tell the next owner when a thread has died with them (pthread_mutexattr_setrobust).
#pragma once

#include <vector>

#include "engine/log/event.h"

namespace fred {

// What the kernel would write into the locks of the selected thread if it ended now. To be written, and a waiter of each to be woken.
std::vector<MemoryWrite> dying_locks(const Tracee& tracee);

}  // namespace fred
