// Breakpoints as the debugger set them, and the int3 bytes and debug registers that carry them while the tracee runs.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "engine/engine.h"
#include "engine/replay/marker.h"
#include "engine/tracee/tracee.h"

namespace fred {

class Breakpoints {
 public:
  explicit Breakpoints(Tracee& tracee) : tracee_(tracee) {}

  void add(const BreakpointSpec& spec);
  void remove(const BreakpointSpec& spec);
  void clear();
  // The debugger's own execution breakpoint at this address, if there is one.
  const BreakpointSpec* at(uint64_t address) const;
  const std::vector<BreakpointSpec>& all() const { return specs_; }

  // Addresses where int3 must stand while running: those of `specs` when `is_user_wanted`, and `extra`. Watchpoints are armed only
  // when `is_user_wanted`.
  // Precondition of the next four: stopped.
  void insert(const std::set<uint64_t>& extra, bool is_user_wanted);
  void lift_all();
  bool is_inserted(uint64_t address) const { return inserted_.contains(address); }
  bool is_wanted(uint64_t address) const { return wanted_.contains(address); }
  void lift(uint64_t address);
  // A marker's jump, in and out together with the breakpoints.
  void set_patch(CodePatch patch) { patch_ = std::move(patch); }
  void clear_patch() { patch_.reset(); }  // precondition: lifted

  // Watchpoints in debug registers. The one that was hit since the last call, if any.
  const BreakpointSpec* take_watchpoint_hit();

 private:
  void arm_debug_registers();
  void set_armed(bool is_wanted);

  Tracee& tracee_;
  std::vector<BreakpointSpec> specs_;
  std::map<uint64_t, uint8_t> inserted_;  // address → the byte that int3 hides
  std::set<uint64_t> wanted_;
  std::optional<CodePatch> patch_;
  std::vector<uint8_t> under_patch_;  // empty: not in place
  std::vector<BreakpointSpec> watched_;  // one for each debug register in use
  uint64_t control_ = 0;                 // DR7 for them
  uint64_t generation_ = 0;              // of watched_
  // What a thread's debug registers hold. A new thread shows those of its parent, but they do nothing.
  struct Armed {
    uint64_t generation = 0;
    uint64_t control = 0;
  };
  std::map<pid_t, Armed> armed_;
};

}  // namespace fred
