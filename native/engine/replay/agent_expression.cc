// A stack machine for gdb's agent expressions (gdb manual, appendix "The GDB Agent Expression Mechanism").
#include "engine/replay/agent_expression.h"

#include <array>

namespace fred {

namespace {

// Conditions that people type need a handful of each; loops (goto) cannot be written in gdb's language.
constexpr size_t max_stack = 256;
constexpr size_t max_steps = 10'000;

using Word = unsigned long long;

// By register number of the target description; null: none of struct user_regs_struct.
Word user_regs_struct::*register_member(uint16_t number) {
  using R = user_regs_struct;
  static constexpr std::array<Word R::*, 24> core = {
      &R::rax, &R::rbx, &R::rcx, &R::rdx, &R::rsi, &R::rdi, &R::rbp, &R::rsp, &R::r8, &R::r9, &R::r10, &R::r11,
      &R::r12, &R::r13, &R::r14, &R::r15, &R::rip, &R::eflags, &R::cs, &R::ss, &R::ds, &R::es, &R::fs, &R::gs};
  if (number < core.size()) return core[number];
  if (number == 57) return &R::orig_rax;
  if (number == 58) return &R::fs_base;
  if (number == 59) return &R::gs_base;
  return nullptr;
}

uint64_t sign_extend(uint64_t value, unsigned bits) {
  if (bits == 0 || bits >= 64) return value;
  uint64_t sign = uint64_t{1} << (bits - 1);
  value &= (uint64_t{1} << bits) - 1;
  return (value ^ sign) - sign;
}

uint64_t zero_extend(uint64_t value, unsigned bits) {
  return bits == 0 || bits >= 64 ? value : value & ((uint64_t{1} << bits) - 1);
}

using Binary = std::optional<uint64_t> (*)(uint64_t a, uint64_t b);

int64_t to_signed(uint64_t value) { return static_cast<int64_t>(value); }

std::optional<uint64_t> divide_signed(uint64_t a, uint64_t b) {
  if (b == 0) return std::nullopt;
  return to_signed(b) == -1 ? 0 - a : static_cast<uint64_t>(to_signed(a) / to_signed(b));
}

std::optional<uint64_t> remainder_signed(uint64_t a, uint64_t b) {
  if (b == 0) return std::nullopt;
  return to_signed(b) == -1 ? 0 : static_cast<uint64_t>(to_signed(a) % to_signed(b));
}

// Operations a, b → one value, by opcode.
Binary binary_operation(uint8_t opcode) {
  switch (opcode) {
    case 0x02: return [](uint64_t a, uint64_t b) -> std::optional<uint64_t> { return a + b; };
    case 0x03: return [](uint64_t a, uint64_t b) -> std::optional<uint64_t> { return a - b; };
    case 0x04: return [](uint64_t a, uint64_t b) -> std::optional<uint64_t> { return a * b; };
    case 0x05: return divide_signed;
    case 0x06: return [](uint64_t a, uint64_t b) { return b == 0 ? std::nullopt : std::optional(a / b); };
    case 0x07: return remainder_signed;
    case 0x08: return [](uint64_t a, uint64_t b) { return b == 0 ? std::nullopt : std::optional(a % b); };
    case 0x09: return [](uint64_t a, uint64_t b) { return std::optional(b >= 64 ? 0 : a << b); };
    case 0x0a: return [](uint64_t a, uint64_t b) { return std::optional<uint64_t>(to_signed(a) >> (b >= 64 ? 63 : b)); };
    case 0x0b: return [](uint64_t a, uint64_t b) { return std::optional(b >= 64 ? 0 : a >> b); };
    case 0x0f: return [](uint64_t a, uint64_t b) { return std::optional(a & b); };
    case 0x10: return [](uint64_t a, uint64_t b) { return std::optional(a | b); };
    case 0x11: return [](uint64_t a, uint64_t b) { return std::optional(a ^ b); };
    case 0x13: return [](uint64_t a, uint64_t b) { return std::optional<uint64_t>(a == b); };
    case 0x14: return [](uint64_t a, uint64_t b) { return std::optional<uint64_t>(to_signed(a) < to_signed(b)); };
    case 0x15: return [](uint64_t a, uint64_t b) { return std::optional<uint64_t>(a < b); };
    default: return nullptr;
  }
}

class Machine {
 public:
  Machine(std::span<const uint8_t> code, const user_regs_struct& regs, const ReadMemory& read)
      : code_(code), regs_(regs), read_(read) {}

  std::optional<int64_t> run() {
    for (size_t step = 0; step < max_steps; ++step) {
      std::optional<uint64_t> opcode = operand(1);
      if (!opcode) return std::nullopt;
      if (*opcode == end_opcode) return depth_ > 0 ? std::optional(to_signed(stack_[depth_ - 1])) : std::nullopt;
      if (!execute(static_cast<uint8_t>(*opcode))) return std::nullopt;
    }
    return std::nullopt;
  }

 private:
  static constexpr uint8_t end_opcode = 0x27;

  // False ends the evaluation without a value.
  bool execute(uint8_t opcode) {
    if (Binary operation = binary_operation(opcode)) return apply(operation);
    switch (opcode) {
      case 0x0e: return unary([](uint64_t a) -> uint64_t { return a == 0; });
      case 0x12: return unary([](uint64_t a) { return ~a; });
      case 0x16: return extend(sign_extend);
      case 0x2a: return extend(zero_extend);
      case 0x17: case 0x18: case 0x19: case 0x1a: return reference(size_t{1} << (opcode - 0x17));
      case 0x22: case 0x23: case 0x24: case 0x25: return push(operand(size_t{1} << (opcode - 0x22)));
      case 0x20: return jump_if();
      case 0x21: return jump(operand(2));
      case 0x26: return push_register();
      case 0x28: return pick(0);
      case 0x29: return pop().has_value();
      case 0x2b: return swap();
      case 0x32: return pick(operand(1));
      case 0x33: return rotate();
      default: return false;  // floats, trace*, getv, setv, printf
    }
  }

  // Big-endian, unsigned.
  std::optional<uint64_t> operand(size_t length) {
    if (code_.size() - at_ < length) return std::nullopt;
    uint64_t value = 0;
    for (size_t i = 0; i < length; ++i) value = value << 8 | code_[at_ + i];
    at_ += length;
    return value;
  }

  bool push(std::optional<uint64_t> value) {
    if (!value || depth_ == max_stack) return false;
    stack_[depth_++] = *value;
    return true;
  }

  std::optional<uint64_t> pop() {
    if (depth_ == 0) return std::nullopt;
    return stack_[--depth_];
  }

  bool apply(Binary operation) {
    std::optional<uint64_t> b = pop(), a = pop();
    return a && b && push(operation(*a, *b));
  }

  bool unary(uint64_t (*operation)(uint64_t)) {
    std::optional<uint64_t> a = pop();
    return a && push(operation(*a));
  }

  bool extend(uint64_t (*operation)(uint64_t, unsigned)) {
    std::optional<uint64_t> bits = operand(1), a = pop();
    return bits && a && push(operation(*a, static_cast<unsigned>(*bits)));
  }

  bool reference(size_t length) {
    std::optional<uint64_t> address = pop();
    uint64_t value = 0;  // the debuggee is little-endian, so are we
    return address && read_(*address, &value, length) && push(value);
  }

  bool push_register() {
    std::optional<uint64_t> number = operand(2);
    if (!number) return false;
    Word user_regs_struct::*member = register_member(static_cast<uint16_t>(*number));
    return member != nullptr && push(regs_.*member);
  }

  bool jump(std::optional<uint64_t> target) {
    if (!target || *target >= code_.size()) return false;
    at_ = *target;
    return true;
  }

  bool jump_if() {
    std::optional<uint64_t> target = operand(2), condition = pop();
    if (!target || !condition) return false;
    return *condition == 0 || jump(target);
  }

  bool pick(std::optional<uint64_t> below_top) {
    if (!below_top || *below_top >= depth_) return false;
    return push(stack_[depth_ - 1 - *below_top]);
  }

  bool swap() {
    std::optional<uint64_t> b = pop(), a = pop();
    return a && b && push(b) && push(a);
  }

  // a b c → c a b
  bool rotate() {
    std::optional<uint64_t> c = pop(), b = pop(), a = pop();
    return a && b && c && push(c) && push(a) && push(b);
  }

  std::span<const uint8_t> code_;
  const user_regs_struct& regs_;
  const ReadMemory& read_;
  size_t at_ = 0;
  std::array<uint64_t, max_stack> stack_;
  size_t depth_ = 0;
};

}  // namespace

std::optional<int64_t> evaluate_agent_expression(std::span<const uint8_t> bytecode, const user_regs_struct& regs,
                                                 const ReadMemory& read) {
  return Machine(bytecode, regs, read).run();
}

}  // namespace fred
