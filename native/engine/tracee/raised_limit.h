// The limits that a program sets for itself hold for it, not for what the engine does inside it.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

namespace fred {

// While it lives, the process may use that much more of a resource than it allows itself, or as much as we may give it.
class RaisedLimit {
 public:
  RaisedLimit(pid_t pid, __rlimit_resource resource, rlim_t more);
  ~RaisedLimit();
  RaisedLimit(const RaisedLimit&) = delete;

 private:
  pid_t pid_;
  __rlimit_resource resource_;
  rlimit limit_{};
  bool is_raised_ = false;
};

// The past may need more memory than the program allows itself later.
class RoomForMemory {
 public:
  explicit RoomForMemory(pid_t pid);

 private:
  RaisedLimit space_;
  RaisedLimit data_;
};

}  // namespace fred
