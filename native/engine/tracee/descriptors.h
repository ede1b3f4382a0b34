// What /proc tells of a process: its command line, its descriptors; and opening files inside it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/tracee/raised_limit.h"

namespace fred {

class Tracee;

std::vector<std::string> command_line_of(pid_t pid);
std::vector<int> descriptors_of(pid_t pid);
// A line "NAME VALUE" of a file in /proc; `fallback` where there is none.
long read_number(const std::string& path, const char* name, int base, long fallback);
// Byte in the file; 0 where it has none.
int64_t position_of(pid_t pid, int fd);
// False where the kernel does not tell (kcmp may be missing or forbidden).
bool is_same_description(pid_t pid, int a, int b);

// Opens what a descriptor of the engine's stands for inside the tracee. The tracee's descriptor or -errno.
int64_t open_in(Tracee& tracee, int fd, int flags);

// While it lives, the process may have more descriptors than it allows itself.
class RoomForDescriptors {
 public:
  explicit RoomForDescriptors(pid_t pid);
  // All descriptors from here on are unused.
  uint64_t first() const;

 private:
  pid_t pid_;
  RaisedLimit limit_;
};

}  // namespace fred
