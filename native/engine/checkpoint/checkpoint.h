// One saved position: everything needed to stand there again.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "engine/checkpoint/memory.h"
#include "engine/engine.h"
#include "engine/log/event.h"

namespace fred {

// A signal that was seen and waits to be delivered or dropped.
struct PendingSignal {
  siginfo_t info{};
  bool interrupts_syscall = false;  // registers are then as the kernel left them: rax = -ERESTART…, orig_rax = the call
  uint64_t blocked = 0;             // by the kernel when it came, with the mask of the waiting call that it interrupts
};

// The program is over; the process is held just before it.
struct Ending {
  bool is_exit = true;
  int number = 0;  // exit code or signal
};

// A thread at one position. The registers of the one that runs are kept elsewhere.
struct ThreadState {
  bool is_waiting = false;  // in a system call that has not returned; its registers stand before that call
  int number = 0;           // of that call
  uint64_t since = 0;       // the number of events when the wait began
  uint64_t clear_tid = 0;   // where the kernel writes 0 and wakes a waiter when the thread ends; 0: nowhere
  GeneralRegisters registers{};
  XState xstate;
};

struct Checkpoint {
  CheckpointInfo info;
  uint32_t branch = 0;
  uint64_t largest_stack = 0;  // RLIMIT_STACK
  bool is_at_syscall = false;  // the next instruction is a system call
  ThreadId thread = 0;                      // the one that runs; its registers:
  GeneralRegisters registers{};
  XState xstate;
  std::map<ThreadId, ThreadState> threads;  // that live
  MemoryImage memory;
  std::optional<PendingSignal> pending;
  std::optional<Ending> ending;
  // States that a replay starting there was seen to reach this one from.
  std::vector<CheckpointId> verified_before;
};
using CheckpointRef = std::shared_ptr<Checkpoint>;

// Equal as far as a program can tell: the single-step and resume flags and orig_rax are the tracer's.
bool registers_equal(const GeneralRegisters& a, const GeneralRegisters& b);
// Compares x87, SSE, AVX and AVX-512 contents; a component in its initial state equals its explicit initial value.
bool xstate_equal(const XState& a, const XState& b);

}  // namespace fred
