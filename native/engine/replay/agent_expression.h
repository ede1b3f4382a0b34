// gdb's agent expressions: breakpoint conditions compiled to bytecode by gdb and evaluated here, without a round
// trip.
#pragma once

#include <sys/user.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace fred {

// Copies n bytes of the debuggee; false when they are not all readable.
using ReadMemory = std::function<bool(uint64_t address, void* out, size_t n)>;

// The value on top of the stack at `end`. nullopt: malformed bytecode, unreadable memory, a register that is not
// in `regs`, division by zero, too many steps, or an operation that is not for conditions (floats, tracing,
// printf): report the breakpoint then and let gdb decide. Register numbers are those of our target description
// (rax 0, rip 16, orig_rax 57). Example: 26 00 00 22 05 13 27 is "rax == 5": reg 0; const8 5; equal; end.
std::optional<int64_t> evaluate_agent_expression(std::span<const uint8_t> bytecode, const user_regs_struct& regs,
                                                 const ReadMemory& read);

}  // namespace fred
