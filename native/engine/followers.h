// Records the children of a program, each by a tracer thread of its own, into the next timelines of the recording.
#pragma once

#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/engine.h"
#include "engine/tracee/orphan.h"

namespace fred {

class Followers {
 public:
  Followers() = default;
  // Children that nobody has waited for go on as long as this process does. The last of their threads may be who ends this.
  ~Followers();
  Followers(const Followers&) = delete;

  // Any thread. `options`: of the parent, with the parent's timeline.
  void take(const Orphan& orphan, LaunchOptions options);
  // Waits until all children, and theirs, have ended.
  void join();
  // Any thread. Lines for the user.
  std::vector<std::string> take_notes();

 private:
  void follow(const Orphan& orphan, const LaunchOptions& options);

  std::mutex mutex_;
  std::list<std::thread> threads_;
  std::vector<std::string> notes_;
};

}  // namespace fred
