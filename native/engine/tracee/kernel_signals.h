// What the kernel does with the tracee's signals: put right after forced faults, and made to enter a handler.
//
// Faults are forced: where the signal is blocked or ignored, the kernel unblocks it and resets its handler. A fault that is the
// program's own deserves that; a time-stamp instruction that traps, a breakpoint, or a fault that a replay repeats does not.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/tracee/tracee.h"

namespace fred {

// Raised by an instruction itself.
bool is_synchronous(const siginfo_t& info);

class KernelSignals {
 public:
  explicit KernelSignals(Tracee& tracee) : tracee_(tracee) {}

  // The tracee stands at a fault or trap that does not count: mask and action (null: the default one) are set again where the kernel
  // has changed them. It may leave that stop.
  void put_back(int signal, uint64_t mask, const std::vector<uint8_t>* action);

  enum class Disposition { caught, ignored, fatal };
  Disposition disposition(int signal) const;
  // All that is blocked now; inside a waiting call (ppoll, sigsuspend) that is the mask of the wait.
  uint64_t blocked() const;

  // `action`: the kernel's struct sigaction.
  void set_action(int signal, const std::vector<uint8_t>& action);

  // Sends the tracee a signal that was taken from it: to the selected thread, or to whichever takes it.
  void send_again(const siginfo_t& info, bool is_for_any = false);

  // The tracee stands where the kernel is about to deliver a signal; the next enter_handler() can go on from there.
  void note_seen() { seen_at_ = tracee_.stop_count(); }
  // Takes the tracee to the first instruction of its handler. `blocked` is the mask it has in the kernel now. False: there was
  // no room for the handler's frame; the tracee stands at the SIGSEGV that the kernel raises for that.
  bool enter_handler(const siginfo_t& info, uint64_t blocked);

 private:
  std::vector<siginfo_t> bring_about(int signal);

  Tracee& tracee_;
  uint64_t seen_at_ = 0;
};

}  // namespace fred
