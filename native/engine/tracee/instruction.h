// Decodes the common instructions well enough to move them elsewhere. What it does not know for sure it refuses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace fred {

struct MovableInstruction {
  enum class Kind {
    plain,        // may be copied as it is
    rip_relative,  // a 4-byte displacement at `field` counts from the instruction's end
    jump,         // jmp to `target`
    branch,       // jcc to `target`; `condition` is the low nibble of its opcode
    call          // call of `target`
  };
  Kind kind = Kind::plain;
  size_t length = 0;
  size_t field = 0;
  uint64_t target = 0;
  uint8_t condition = 0;
};

// `code` begins at `address`.
std::optional<MovableInstruction> decode_movable(std::span<const uint8_t> code, uint64_t address);

}  // namespace fred
