// A breakpoint that compares inside the program: a jump at one address to a stub that traps only in a wanted state.
//
// int3 in a hot loop costs some 20 µs a visit, the stub some nanoseconds. The stub counts its visits and traps when the general
// registers and a few words of memory are those wanted (or when the count reaches a goal); the tracer then compares everything.
#pragma once

#include <optional>
#include <vector>

#include "engine/tracee/instruction.h"
#include "engine/tracee/tracee.h"

namespace fred {

// Bytes that replace an instruction while the tracee runs.
struct CodePatch {
  uint64_t address = 0;
  std::vector<uint8_t> bytes;
};

// The instructions that a marker's jump replaces: one, or several that nothing can jump into the middle of.
struct MarkedCode {
  uint64_t address = 0;
  std::vector<MovableInstruction> instructions;
  size_t length = 0;
  // An address behind the first byte: to stop or to start there while the jump stands is impossible.
  bool has_inside(uint64_t pc) const { return pc > address && pc < address + length; }
};

// The code at `address`, if a marker can stand on it. Precondition: stopped, nothing patched there.
std::optional<MarkedCode> find_markable(const Tracee& tracee, uint64_t address);

struct MarkerWord {
  uint64_t address = 0;  // 8-byte aligned, mapped whenever the stub runs
  uint64_t value = 0;
};

class Marker {
 public:
  // Precondition: stopped, and the code is as find_markable found it. Throws EngineError when there is no room for the stub near it.
  Marker(Tracee& tracee, const MarkedCode& code);
  ~Marker();
  Marker(const Marker&) = delete;

  CodePatch patch() const;
  void trap_in_state(const GeneralRegisters& registers, const std::vector<MarkerWord>& words);
  void trap_at_visit(uint64_t count);
  uint64_t visits() const;
  void set_visits(uint64_t count);

  uint64_t address() const { return marked_.address; }
  bool contains(uint64_t pc) const { return pc >= page_ && pc < page_ + page_size; }
  // After a trap: is it the stub's? Then the program stands at address(), nothing of that instruction done.
  bool is_trap(uint64_t pc_after_int3) const { return pc_after_int3 == trap_ + 1; }
  // The address in the program of a moved instruction that is about to be executed in the stub; 0: none is.
  uint64_t original_of(uint64_t pc) const;
  // Where execution goes on from address() without another visit.
  uint64_t displaced() const { return displaced_; }
  // The tracee was stopped in the stub. Where this visit is counted and the moved code not begun: puts it at address(); true: the
  // stub traps here. Nothing elsewhere: it has to go on, by single steps, out of the stub or to there.
  std::optional<bool> leave();

 private:
  void assemble(bool counts, const std::vector<MarkerWord>& words);

  Tracee& tracee_;
  MarkedCode marked_;
  std::vector<uint8_t> original_;
  std::vector<uint64_t> moved_;  // where each instruction stands in the stub
  uint64_t page_ = 0;
  uint64_t trap_ = 0;
  uint64_t displaced_ = 0;
};

}  // namespace fred
