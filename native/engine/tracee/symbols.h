// Names for addresses, for messages to people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/tracee/maps.h"

namespace fred {

// "memcpy+16 in /usr/lib/libc.so.6", or the file and offset alone, or "" where nothing is mapped.
std::string describe_address(const std::vector<Vma>& vmas, uint64_t address);

}  // namespace fred
