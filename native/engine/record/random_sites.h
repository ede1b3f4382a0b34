// RDRAND and RDSEED give other bytes each time they run, and nothing traps them: find them so that int3 can stand in their place.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/tracee/maps.h"
#include "engine/tracee/tracee.h"

namespace fred {

struct RandomInstruction {
  size_t length = 0;
  unsigned destination = 0;  // register number, 0 = rax … 15 = r15
  unsigned bytes = 4;        // 2, 4 or 8
};

// The instruction at the start of `code`, if it is one of the two.
std::optional<RandomInstruction> decode_random(std::span<const uint8_t> code);

// Their addresses in an executable region. A hit of the bare bytes counts only when an instruction that looks at the carry flag
// follows closely, as all real uses have it.
std::vector<uint64_t> find_random_sites(const Tracee& tracee, const Vma& vma);

// Writes `value` where the instruction would, and the flags it sets on success.
void apply_random(GeneralRegisters& registers, const RandomInstruction& instruction, uint64_t value);

}  // namespace fred
