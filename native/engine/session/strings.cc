// A state inside a long repeated string instruction is found in one leap instead of round by round.
//
// Rule: n rounds of `rep movsb` are the instruction itself with rcx = n. To stand where r rounds are left, run it with rcx - r and a
// breakpoint behind it, then put pc back and set rcx = r. Example: rcx = 1,000,000 and the target has rcx = 300,000: it runs with
// rcx = 700,000, and ends in the target.
#include "engine/session/session.h"
#include "engine/tracee/string_instruction.h"

namespace fred {

namespace {

constexpr size_t longest_string_instruction = 4;

std::optional<StringInstruction> string_at(const Tracee& tracee, uint64_t pc) {
  uint8_t code[8] = {};
  const size_t length = tracee.read(pc, code, sizeof code);
  return decode_repeated({code, length});
}

}  // namespace

// Precondition: no breakpoint is inserted at pc, and none of the debugger's is wanted there: those count every round. Nothing: there is
// no such instruction at pc. Otherwise as advance(), "arrived" in the target or behind the instruction.
std::optional<Halt> Session::leap_string(const Checkpoint* target, std::set<uint64_t> sentinels, bool honours_breakpoints) {
  const GeneralRegisters start = tracee_->registers();
  const std::optional<StringInstruction> instruction = string_at(*tracee_, start.rip);
  if (!instruction || start.rcx < 2) return std::nullopt;
  const uint64_t rest = target ? instruction->rounds_left(start, target->registers) : 0;
  const uint64_t next = start.rip + instruction->length;
  sentinels.insert(next);
  sentinels.erase(start.rip);
  breakpoints_.insert(sentinels, honours_breakpoints);
  GeneralRegisters registers = start;
  registers.rcx -= rest;
  tracee_->set_registers(registers);
  const Halt halt = advance(false);
  // Where a signal or an interruption came first it is still inside, and may go on from there.
  registers = tracee_->registers();
  if (registers.rip == next && rest > 0 && !instruction->has_ended(registers)) registers.rip = start.rip;
  if (registers.rip == start.rip || registers.rip == next) registers.rcx += rest;
  tracee_->set_registers(registers);
  return halt;
}

// Where a repeated string instruction stands that ends at `pc`; 0: none does.
uint64_t Session::string_before(uint64_t pc) const {
  for (size_t length = longest_string_instruction; length >= 2; length--) {
    const std::optional<StringInstruction> instruction = string_at(*tracee_, pc - length);
    if (instruction && instruction->length == length) return pc - length;
  }
  return 0;
}

// `to` is inside a repeated string instruction that `from` stands at, or directly behind it: the state one round before. Null
// anywhere else.
CheckpointRef Session::round_before(const CheckpointRef& from, const CheckpointRef& to) {
  if (from->info.event != to->info.event || from->pending) return nullptr;
  GeneralRegisters end = to->registers;
  if (end.rip != from->registers.rip) end.rip = string_before(end.rip);
  const std::optional<StringInstruction> instruction = end.rip ? string_at(*tracee_, end.rip) : std::nullopt;
  if (!instruction) return nullptr;
  Checkpoint before;
  before.registers = instruction->round_before(end);
  if (registers_equal(before.registers, from->registers)) return from;
  if (instruction->rounds_left(from->registers, before.registers) == 0) return nullptr;
  enter(from);
  const std::optional<Halt> leapt = leap_string(&before, {}, false);
  breakpoints_.lift_all();
  if (!leapt || *leapt != Halt::arrived || tracee_->registers().rcx != before.registers.rcx) return nullptr;
  return capture(CheckpointKind::temporary);
}

}  // namespace fred
