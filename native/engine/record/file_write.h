// Which part of which file a system call may change.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/tracee/tracee.h"

namespace fred {

struct FileWrite {
  uint64_t inode = 0;
  uint64_t size = 0;  // of the file, before the call
  uint64_t start = 0, end = 0;  // bytes; what changes lies between
};

// Precondition: the tracee stands at the entry of the call. Nothing: it writes to no file by a descriptor.
std::optional<FileWrite> find_file_write(const Tracee& tracee, int number, const Arguments& arguments);

}  // namespace fred
