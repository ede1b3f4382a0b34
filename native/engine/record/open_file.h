// An open file description: what a descriptor of the program stands for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/tracee/tracee.h"

namespace fred {

// Several descriptors may stand for one.
struct OpenFile {
  uint64_t id = 0;
  std::string path;          // as the kernel names it; "pipe:[123]" and the like for what has no path
  Fd inode;                  // O_PATH; closed when too many are held already
  int flags = 0;             // as open() was given them
  bool is_seekable = false;  // has a position
  bool can_reopen = false;   // files, directories, terminals; not pipes and sockets
  bool is_input = false;     // reading takes away what somebody outside has sent: terminals, pipes and sockets from outside
  bool is_terminal = false;

  ~OpenFile();
  // A descriptor of the engine's for the file itself; not open when it is gone.
  Fd find() const;
};
using OpenFileRef = std::shared_ptr<const OpenFile>;

// What a descriptor of the process stands for. `is_own`: the program has made it for itself (a pipe, a pair of sockets): what is
// read from it is not input from outside. Null when there is no such descriptor.
OpenFileRef describe_descriptor(uint64_t id, pid_t pid, int fd, bool is_own);
// The directory it works in.
OpenFileRef describe_directory(uint64_t id, pid_t pid);

}  // namespace fred
