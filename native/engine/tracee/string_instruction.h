// Repeated string instructions (rep movsb …), which can stop and go on between any two rounds.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "engine/tracee/tracee.h"

namespace fred {

struct StringInstruction {
  size_t length = 0;
  unsigned unit = 1;               // bytes of one round
  bool uses_destination = true;    // rdi moves
  bool uses_source = true;         // rsi moves
  bool ends_on_difference = false;  // repe cmps, repe scas
  bool ends_on_match = false;      // repne cmps, repne scas

  // Whether the flags ended it before rcx did.
  bool has_ended(const GeneralRegisters& registers) const;
  // The state one round before `to`, which is inside.
  GeneralRegisters round_before(GeneralRegisters to) const;
  // The rounds left in `to` when that is a later round of this very execution than `from`; else 0.
  uint64_t rounds_left(const GeneralRegisters& from, const GeneralRegisters& to) const;
};

std::optional<StringInstruction> decode_repeated(std::span<const uint8_t> code);

}  // namespace fred
