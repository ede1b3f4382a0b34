// RaisedLimit: prlimit from outside, and back.
#include "engine/tracee/raised_limit.h"

#include <algorithm>

namespace fred {

RaisedLimit::RaisedLimit(pid_t pid, __rlimit_resource resource, rlim_t more) : pid_(pid), resource_(resource) {
  if (prlimit(pid, resource, nullptr, &limit_) != 0 || limit_.rlim_cur == RLIM_INFINITY) return;
  const rlim_t wanted = more == RLIM_INFINITY ? more : limit_.rlim_cur + more;
  const rlimit beyond{wanted, std::max(limit_.rlim_max, wanted)}, within{limit_.rlim_max, limit_.rlim_max};
  is_raised_ = prlimit(pid, resource, &beyond, nullptr) == 0 || prlimit(pid, resource, &within, nullptr) == 0;
}

RaisedLimit::~RaisedLimit() {
  if (is_raised_) prlimit(pid_, resource_, &limit_, nullptr);
}

RoomForMemory::RoomForMemory(pid_t pid) : space_(pid, RLIMIT_AS, RLIM_INFINITY), data_(pid, RLIMIT_DATA, RLIM_INFINITY) {}

}  // namespace fred
