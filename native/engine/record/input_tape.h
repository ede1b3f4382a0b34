// Input that the program has read from outside, kept so that another line of history can read it again.
//
// A terminal, a pipe or a socket gives every byte once. What was read is a tape: a position of the execution has taken so much of it
// (KernelState::consumed), and what goes live from there reads the rest of the tape before it asks the kernel.
#pragma once

#include <map>
#include <vector>

#include "engine/log/event.h"
#include "engine/record/kernel_state.h"

namespace fred {

class InputTape {
 public:
  // `event` is a read that really took place.
  void add(uint64_t file, const EventRef& event);
  bool has_more(uint64_t file, const Consumed& taken) const;
  // The rest of the read that stands behind what was taken: never more than one read gave at once, empty for an end of file.
  // Precondition: has_more().
  std::vector<uint8_t> next(uint64_t file, const Consumed& taken) const;

 private:
  struct Read {
    Consumed before;
    EventRef event;
  };
  struct Reads {
    std::vector<Read> all;
    Consumed total;
  };
  std::map<uint64_t, Reads> files_;
};

}  // namespace fred
