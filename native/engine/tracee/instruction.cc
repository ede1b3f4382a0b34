// A decoder by table for the integer and scalar SSE instructions that compilers put into loops.
#include "engine/tracee/instruction.h"

#include <cstring>

namespace fred {
namespace {

enum class Shape : uint8_t { unknown, bare, modrm, modrm_imm8, modrm_imm32, imm8, imm32, mov_imm, jump8, jump32, branch8, call32, test_imm8, test_imm32 };

constexpr Shape one_byte(uint8_t op) {
  // ALU group: add or adc sbb and sub xor cmp: op r/m,r | r,r/m (00-03 of each row of 8), al/eax,imm (04, 05).
  if (op < 0x40) {
    const unsigned low = op & 7;
    return low < 4 ? Shape::modrm : low == 4 ? Shape::imm8 : low == 5 ? Shape::imm32 : Shape::unknown;
  }
  if (op >= 0x70 && op < 0x80) return Shape::branch8;
  if (op >= 0xb0 && op < 0xb8) return Shape::imm8;
  if (op >= 0xb8 && op < 0xc0) return Shape::mov_imm;
  switch (op) {
    case 0x63:                                   // movsxd
    case 0x84: case 0x85: case 0x86: case 0x87:  // test, xchg
    case 0x88: case 0x89: case 0x8a: case 0x8b: case 0x8d:  // mov, lea
    case 0xd0: case 0xd1: case 0xd2: case 0xd3:  // shifts
    case 0xfe: return Shape::modrm;
    case 0x6b: case 0x80: case 0x83: case 0xc0: case 0xc1: case 0xc6: return Shape::modrm_imm8;
    case 0x69: case 0x81: case 0xc7: return Shape::modrm_imm32;
    case 0xa8: return Shape::imm8;
    case 0xa9: return Shape::imm32;
    case 0xf6: return Shape::test_imm8;
    case 0xf7: return Shape::test_imm32;
    case 0x90: case 0x98: case 0x99: return Shape::bare;
    case 0xeb: return Shape::jump8;
    case 0xe9: return Shape::jump32;
    case 0xe8: return Shape::call32;
    default: return Shape::unknown;
  }
}

// 0f xx
constexpr Shape two_byte(uint8_t op) {
  if (op >= 0x40 && op < 0x50) return Shape::modrm;    // cmovcc
  if (op >= 0x90 && op < 0xa0) return Shape::modrm;    // setcc
  if (op >= 0x51 && op < 0x60 && op != 0x5b) return Shape::modrm;  // SSE arithmetic
  switch (op) {
    case 0x10: case 0x11: case 0x12: case 0x13: case 0x14: case 0x15: case 0x16: case 0x17: case 0x28: case 0x29: case 0x2a:
    case 0x2c: case 0x2d: case 0x2e: case 0x2f: case 0x5b: case 0x6e: case 0x6f: case 0x7e: case 0x7f: case 0xd6: case 0xef:
    case 0xaf: case 0xb6: case 0xb7: case 0xbe: case 0xbf: case 0xa3: case 0xab: case 0x1f: return Shape::modrm;
    default: return Shape::unknown;
  }
}

}  // namespace

std::optional<MovableInstruction> decode_movable(std::span<const uint8_t> code, uint64_t address) {
  MovableInstruction result;
  size_t at = 0;
  bool is_wide = false, is_short_operand = false;
  auto has = [&](size_t n) { return at + n <= code.size(); };
  for (; has(1) && (code[at] == 0x66 || code[at] == 0xf2 || code[at] == 0xf3); at++) {
    if (code[at] == 0x66) is_short_operand = true;
    if (at >= 2) return std::nullopt;
  }
  if (has(1) && (code[at] & 0xf0) == 0x40) is_wide = code[at++] & 8;
  if (!has(1)) return std::nullopt;
  const uint8_t first = code[at++];
  Shape shape;
  const bool is_two_byte = first == 0x0f;
  uint8_t op = first;
  if (is_two_byte) {
    if (!has(1)) return std::nullopt;
    op = code[at++];
    shape = op >= 0x80 && op < 0x90 ? Shape::jump32 : two_byte(op);
  } else {
    shape = one_byte(op);
    // A repeat prefix before a one-byte opcode is a string instruction or pause: not ours.
    if (at >= 2 && (code[0] == 0xf2 || code[0] == 0xf3)) return std::nullopt;
  }
  const size_t immediate32 = is_short_operand ? 2 : 4;
  size_t immediate = 0;
  bool has_modrm = false;
  auto relative = [&](size_t bytes) -> bool {
    if (!has(bytes)) return false;
    int64_t offset;
    if (bytes == 1) {
      offset = static_cast<int8_t>(code[at]);
    } else {
      int32_t wide;
      memcpy(&wide, code.data() + at, 4);
      offset = wide;
    }
    at += bytes;
    result.target = address + at + static_cast<uint64_t>(offset);
    return true;
  };
  switch (shape) {
    case Shape::unknown: return std::nullopt;
    case Shape::bare: break;
    case Shape::imm8: immediate = 1; break;
    case Shape::imm32: immediate = immediate32; break;
    case Shape::mov_imm: immediate = is_wide ? 8 : immediate32; break;
    case Shape::modrm: has_modrm = true; break;
    case Shape::modrm_imm8: has_modrm = true, immediate = 1; break;
    case Shape::modrm_imm32: has_modrm = true, immediate = immediate32; break;
    case Shape::test_imm8:
    case Shape::test_imm32:
      if (!has(1)) return std::nullopt;
      has_modrm = true;
      if ((code[at] >> 3 & 7) < 2) immediate = shape == Shape::test_imm8 ? 1 : immediate32;
      break;
    case Shape::jump8:
    case Shape::branch8:
    case Shape::jump32:
    case Shape::call32: {
      if (is_short_operand) return std::nullopt;
      if (!relative(shape == Shape::jump8 || shape == Shape::branch8 ? 1 : 4)) return std::nullopt;
      const bool is_branch = shape == Shape::branch8 || is_two_byte;
      result.kind = shape == Shape::call32 ? MovableInstruction::Kind::call
                    : is_branch            ? MovableInstruction::Kind::branch
                                           : MovableInstruction::Kind::jump;
      result.condition = op & 0xf;
      result.length = at;
      return result;
    }
  }
  if (has_modrm) {
    if (!has(1)) return std::nullopt;
    const uint8_t modrm = code[at++], mod = modrm >> 6, rm = modrm & 7;
    if (mod != 3) {
      if (rm == 4) {
        if (!has(1)) return std::nullopt;
        const uint8_t sib = code[at++];
        if (mod == 0 && (sib & 7) == 5) at += 4;
      } else if (mod == 0 && rm == 5) {
        result.kind = MovableInstruction::Kind::rip_relative;
        result.field = at;
        at += 4;
      }
      at += mod == 1 ? 1 : mod == 2 ? 4 : 0;
    }
  }
  at += immediate;
  if (at > code.size()) return std::nullopt;
  result.length = at;
  return result;
}

}  // namespace fred
