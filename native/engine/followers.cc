// One engine a child: launched by adoption, run to its end, and then let go so that its parent sees how it ended.
#include "engine/followers.h"

#include <utility>

namespace fred {

Followers::~Followers() {
  for (std::thread& thread : threads_) thread.detach();
}

void Followers::take(const Orphan& orphan, LaunchOptions options) {
  if (orphan.pid == 0) return;
  std::lock_guard lock(mutex_);
  threads_.emplace_back([this, orphan, options = std::move(options)] { follow(orphan, options); });
}

void Followers::follow(const Orphan& orphan, const LaunchOptions& options) {
  try {
    Engine engine;
    if (!engine.adopt(orphan, options)) return;
    Stop stop;
    do {
      ResumeOptions resume;
      resume.signal = stop.kind == StopKind::signal ? stop.number : 0;
      stop = engine.resume(resume);
    } while (stop.kind == StopKind::signal || stop.kind == StopKind::interrupted || stop.kind == StopKind::executed);
    std::vector<std::string> notes = engine.take_notes();
    if (!stop.text.empty()) notes.push_back("the recording of process " + std::to_string(orphan.pid) + " ends early: " + stop.text);
    engine.let_go();
    std::lock_guard lock(mutex_);
    notes_.insert(notes_.end(), notes.begin(), notes.end());
  } catch (const EngineError& error) {
    std::lock_guard lock(mutex_);
    notes_.push_back("process " + std::to_string(orphan.pid) + " is not recorded to its end: " + error.what());
  }
}

// Children start others meanwhile.
void Followers::join() {
  for (;;) {
    std::list<std::thread> waiting;
    {
      std::lock_guard lock(mutex_);
      waiting.swap(threads_);
    }
    if (waiting.empty()) return;
    for (std::thread& thread : waiting) thread.join();
  }
}

std::vector<std::string> Followers::take_notes() {
  std::lock_guard lock(mutex_);
  return std::exchange(notes_, {});
}

}  // namespace fred
