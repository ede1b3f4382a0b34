// Known encodings: their length and kind; what is not known for sure is refused.
#include "engine/tracee/instruction.h"
#include "harness.h"

using fred::decode_movable;
using fred::MovableInstruction;

namespace {

struct Known {
  std::vector<uint8_t> code;
  size_t length;  // 0: refused
  MovableInstruction::Kind kind = MovableInstruction::Kind::plain;
};

}  // namespace

TEST("instructions that compilers emit are measured right, and others refused") {
  using enum MovableInstruction::Kind;
  const Known known[] = {
      {{0x48, 0x8b, 0x05, 1, 0, 0, 0}, 7, rip_relative},           // mov rax,[rip+1]
      {{0x83, 0x45, 0xfc, 0x01}, 4},                               // add dword [rbp-4],1
      {{0x81, 0x7d, 0xfc, 0, 1, 0, 0}, 7},                         // cmp dword [rbp-4],256
      {{0x80, 0x3c, 0x03, 0x00}, 4},                               // cmp byte [rbx+rax],0
      {{0x48, 0x3d, 0, 0, 1, 0}, 6},                               // cmp rax,65536
      {{0xf2, 0x0f, 0x58, 0x05, 1, 0, 0, 0}, 8, rip_relative},     // addsd xmm0,[rip+1]
      {{0x66, 0x0f, 0x6f, 0x04, 0x25, 1, 2, 3, 4}, 9},             // movdqa xmm0,[0x04030201]
      {{0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8}, 10},                  // mov rax,imm64
      {{0xe8, 1, 0, 0, 0}, 5, call},
      {{0xeb, 0x10}, 2, jump},
      {{0x0f, 0x85, 1, 0, 0, 0}, 6, branch},
      {{0x75, 0xea}, 2, branch},
      {{0xf6, 0xc1, 0x01}, 3},                                     // test cl,1
      {{0xf7, 0xd8}, 2},                                           // neg eax
      {{0xc3}, 0},                                                 // ret
      {{0x0f, 0x05}, 0},                                           // syscall
      {{0x0f, 0x31}, 0},                                           // rdtsc
      {{0xf3, 0xa4}, 0},                                           // rep movsb
      {{0x62, 0xf1, 0x7c, 0x48, 0x10, 0x00}, 0},                   // EVEX
      {{0xc5, 0xf8, 0x77}, 0},                                     // vzeroupper
      {{0x48, 0x8b}, 0},                                           // cut off
  };
  for (const Known& each : known) {
    const auto decoded = decode_movable(each.code, 0x1000);
    const std::string tag = "opcode " + std::to_string(each.code[0]) + ", " + std::to_string(each.code.size()) + " bytes";
    test::expect(decoded.has_value() == (each.length != 0), tag);
    if (decoded) test::expect(decoded->length == each.length && decoded->kind == each.kind, tag);
  }
}
