// What one run of the tracee is to do, and what it ends in.
#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "engine/checkpoint/checkpoint.h"
#include "engine/engine.h"

namespace fred {

// Why the tracee came back from one resume.
enum class Halt {
  event,        // an event was recorded or replayed; go on
  stepped,      // a single step ended
  arrived,      // at an inserted breakpoint
  watchpoint,   // memory under a watchpoint was touched
  marker,       // the marker trapped
  alarm,        // stopped by the interrupter
  signal,       // a signal was seen and is pending
  ended,        // parked at the program's end
  unsupported,  // the program is about to do what cannot be recorded
  executed,     // the program has replaced itself by another one
  diverged,     // replay saw something else than the log has
  limit,        // the run's limit state was reached
  watched_place,  // a place of the run was reached (rewind)
  breakpoint    // a breakpoint of the debugger holds
};

// Places that a rewind looks for: addresses reached with the stack pointer in a range.
struct Places {
  std::set<uint64_t> addresses;
  uint64_t sp_min = 0;
  uint64_t sp_max = ~0ull;
  bool holds(const GeneralRegisters& registers) const {
    return addresses.contains(registers.rip) && registers.rsp >= sp_min && registers.rsp <= sp_max;
  }
};

struct Run {
  ResumeOptions::Mode mode = ResumeOptions::Mode::run;
  uint64_t range_start = 0;
  uint64_t range_end = 0;
  CheckpointRef limit;
  bool starts_anew = false;  // the first address was just reached: what stands there counts
  bool honours_breakpoints = true;
  bool takes_checkpoints = true;
  const Places* places = nullptr;
  // Stop (Halt::event) as soon as so many events lie behind.
  uint64_t until_event = ~0ull;
  // Steps are of this thread: the others run freely. None: of whichever has its turn.
  std::optional<ThreadId> thread;
  bool is_alone = false;  // breakpoints that others meet do not count
  // Give up (Halt::alarm) after this much CPU time of the tracee.
  uint64_t cpu_budget_ns = 0;
  // Results.
  CheckpointRef sought;            // the target that the next two are about
  uint64_t misses = 0;             // visits of its address that were not the target
  bool is_marker_useless = false;  // no marker can help to find it
};

}  // namespace fred
