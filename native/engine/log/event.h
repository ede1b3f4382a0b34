// One non-deterministic input of the program, as recorded.
#pragma once

#include <signal.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/record/kernel_state.h"
#include "engine/tracee/tracee.h"

namespace fred {

struct Checkpoint;

using ThreadId = uint32_t;  // in order of birth; the first thread is 0

enum class EventKind : uint8_t {
  syscall,   // number, arguments, result, writes
  signal,    // a signal was seen (number, detail->info); it is not delivered yet
  delivery,  // what became of it
  instruction,  // one whose result is not determined (RDTSC, RDRAND …): result
  exit,      // the program ends here (number = exit code); never consumed
  patch,     // the debugger changed registers or memory
  wait,      // the thread has entered a call (number, arguments) that lets others run before it returns
  turn       // thread `other` goes on
};

// Where a signal came (or a thread lost its turn), and so how replay finds the place again.
enum class SignalPlace : uint8_t {
  synchronous,  // raised by the instruction itself: replay raises it again
  after_event,  // directly behind the previous event
  in_syscall,   // interrupted the system call `number_of_call`
  anchored      // in the middle of a computation: found again by state equality with detail->anchor
};

enum class Outcome : uint8_t { handler, dropped, fatal };

struct MemoryWrite {
  uint64_t address = 0;
  std::vector<uint8_t> bytes;
};

struct EventDetail {
  GeneralRegisters registers{};
  XState xstate;
  siginfo_t info{};
  std::shared_ptr<const Checkpoint> anchor;
  uint64_t blocked = 0;  // signals that the kernel blocked when this one came
};

struct Event {
  EventKind kind = EventKind::syscall;
  SignalPlace place = SignalPlace::synchronous;
  Outcome outcome = Outcome::dropped;
  bool is_wait_end = false;  // syscall: the end of a wait of `thread`, which need not be the one that runs
  ThreadId thread = 0;       // to which it happened
  ThreadId other = 0;        // syscall clone: the new thread; turn: the one that goes on
  int number = 0;
  int file = -1;  // mmap: the engine's descriptor of the mapped file
  Arguments arguments{};
  int64_t result = 0;
  std::vector<MemoryWrite> writes;
  std::unique_ptr<EventDetail> detail;
  std::unique_ptr<KernelNote> kernel;  // where it changed what the kernel keeps
};

using EventRef = std::shared_ptr<const Event>;

}  // namespace fred
