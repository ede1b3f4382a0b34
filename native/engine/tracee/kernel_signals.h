// What the kernel keeps of the tracee's signals (mask, handlers of faults), and how it is made to enter a handler.
//
// Faults are forced: where the signal is blocked or ignored, the kernel unblocks it and resets its handler. A fault that is the
// program's own deserves that; a time-stamp instruction that traps, a breakpoint, or a fault that a replay repeats does not.
#pragma once

#include <map>

#include "engine/tracee/tracee.h"

namespace fred {

class KernelSignals {
 public:
  // Precondition: the tracee has just been started, all its signals have their default actions.
  explicit KernelSignals(Tracee& tracee) : tracee_(tracee), mask_(tracee.signal_mask()) {}

  // After a call that was really executed.
  void note_call(int number, const std::array<uint64_t, 6>& arguments, int64_t result);
  // The tracee stands at a fault or trap that does not count: mask and handler become what they were. It may leave that stop.
  void put_back(int signal);

  enum class Disposition { caught, ignored, fatal };
  Disposition disposition(int signal) const;
  // All that is blocked now; inside a waiting call (ppoll, sigsuspend) that is the mask of the wait.
  uint64_t blocked() const;

  // For going on at another position.
  void set_action(int signal, const std::string& action);
  void set_mask(uint64_t mask);

  // Sends the tracee a signal that was taken from it.
  void send_again(const siginfo_t& info);

  // The tracee stands where the kernel is about to deliver a signal; the next enter_handler() can go on from there.
  void note_seen() { seen_at_ = tracee_.stop_count(); }
  // Takes the tracee to the first instruction of its handler. `blocked` is the mask it has in the kernel now. False: there was
  // no room for the handler's frame; the tracee stands at the SIGSEGV that the kernel raises for that.
  bool enter_handler(const siginfo_t& info, uint64_t blocked);

 private:
  std::vector<siginfo_t> bring_about(int signal);

  Tracee& tracee_;
  uint64_t mask_;
  std::map<int, std::string> actions_;  // struct sigaction of the kernel, for signals that faults raise
  uint64_t seen_at_ = 0;
};

}  // namespace fred
