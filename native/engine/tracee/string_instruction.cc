// Decoding of repeated string instructions.
#include "engine/tracee/string_instruction.h"

namespace fred {
namespace {

constexpr uint64_t zero_flag = 0x40, direction_flag = 0x400;

}  // namespace

bool StringInstruction::has_ended(const GeneralRegisters& registers) const {
  const bool is_equal = registers.eflags & zero_flag;
  return (ends_on_difference && !is_equal) || (ends_on_match && is_equal);
}

GeneralRegisters StringInstruction::round_before(GeneralRegisters to) const {
  const uint64_t bytes = to.eflags & direction_flag ? 0 - uint64_t{unit} : unit;
  to.rcx++;
  if (uses_destination) to.rdi -= bytes;
  if (uses_source) to.rsi -= bytes;
  return to;
}

uint64_t StringInstruction::rounds_left(const GeneralRegisters& from, const GeneralRegisters& to) const {
  if (to.rip != from.rip || to.rcx >= from.rcx) return 0;
  const uint64_t bytes = (from.rcx - to.rcx) * unit;
  const uint64_t moved = uses_destination ? to.rdi - from.rdi : to.rsi - from.rsi;
  return moved == (from.eflags & direction_flag ? 0 - bytes : bytes) ? to.rcx : 0;
}

std::optional<StringInstruction> decode_repeated(std::span<const uint8_t> code) {
  StringInstruction found;
  size_t at = 0;
  uint8_t repeat = 0;
  found.unit = 4;
  for (; at < code.size() && (code[at] == 0x66 || code[at] == 0xf2 || code[at] == 0xf3); at++) {
    if (code[at] == 0x66)
      found.unit = 2;
    else
      repeat = code[at];
  }
  if (at < code.size() && (code[at] & 0xf0) == 0x40) found.unit = code[at++] & 8 ? 8 : found.unit;
  if (repeat == 0 || at >= code.size()) return std::nullopt;
  const uint8_t op = code[at];
  if (op < 0xa4 || op > 0xaf || op == 0xa8 || op == 0xa9) return std::nullopt;
  const bool compares = (op & 0xfe) == 0xa6 || (op & 0xfe) == 0xae;
  if (!(op & 1)) found.unit = 1;
  found.uses_destination = (op & 0xfe) != 0xac;
  found.uses_source = (op & 0xfe) != 0xaa && (op & 0xfe) != 0xae;
  found.ends_on_difference = compares && repeat == 0xf3;
  found.ends_on_match = compares && repeat == 0xf2;
  found.length = at + 1;
  return found;
}

}  // namespace fred
