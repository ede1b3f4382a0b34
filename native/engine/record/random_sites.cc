// Finding and emulating RDRAND and RDSEED.
#include "engine/record/random_sites.h"

#include <algorithm>
#include <cstring>

namespace fred {
namespace {

constexpr size_t carry_distance = 12;
constexpr uint64_t arithmetic_flags = 0x8d5;  // CF PF AF ZF SF OF

bool reads_carry(std::span<const uint8_t> code) {
  for (size_t i = 0; i + 1 < code.size() && i < carry_distance; i++) {
    if (code[i] == 0x72 || code[i] == 0x73) return true;
    const uint8_t second = code[i + 1] & 0xfe;
    if (code[i] == 0x0f && (second == 0x82 || second == 0x92 || second == 0x42)) return true;
  }
  return false;
}

}  // namespace

std::optional<RandomInstruction> decode_random(std::span<const uint8_t> code) {
  RandomInstruction found;
  size_t at = 0;
  if (at < code.size() && code[at] == 0x66) {
    found.bytes = 2;
    at++;
  }
  bool is_high = false;
  if (at < code.size() && (code[at] & 0xf0) == 0x40) {
    if (code[at] & 8) found.bytes = 8;
    is_high = code[at] & 1;
    at++;
  }
  if (at + 3 > code.size() || code[at] != 0x0f || code[at + 1] != 0xc7 || code[at + 2] < 0xf0) return std::nullopt;
  found.destination = (code[at + 2] & 7) + (is_high ? 8 : 0);
  found.length = at + 3;
  return found;
}

std::vector<uint64_t> find_random_sites(const Tracee& tracee, const Vma& vma) {
  std::vector<uint64_t> sites;
  std::vector<uint8_t> text(vma.end - vma.start);
  text.resize(tracee.read(vma.start, text.data(), text.size()));
  const uint8_t opcode[2] = {0x0f, 0xc7};
  for (size_t from = 0;;) {
    auto hit = std::search(text.begin() + static_cast<ptrdiff_t>(from), text.end(), opcode, opcode + 2);
    if (hit == text.end()) return sites;
    const auto at = static_cast<size_t>(hit - text.begin());
    from = at + 2;
    if (at + 3 >= text.size() || text[at + 2] < 0xf0) continue;
    if (!reads_carry(std::span(text).subspan(at + 3))) continue;
    // Prefixes belong to the instruction: REX directly before the opcode, 0x66 before that.
    size_t start = at;
    if (start > 0 && (text[start - 1] & 0xf0) == 0x40) start--;
    if (start > 0 && text[start - 1] == 0x66) start--;
    sites.push_back(vma.start + start);
  }
}

void apply_random(GeneralRegisters& registers, const RandomInstruction& instruction, uint64_t value) {
  unsigned long long* const by_number[] = {
      &registers.rax, &registers.rcx, &registers.rdx, &registers.rbx, &registers.rsp, &registers.rbp, &registers.rsi, &registers.rdi,
      &registers.r8,  &registers.r9,  &registers.r10, &registers.r11, &registers.r12, &registers.r13, &registers.r14, &registers.r15};
  unsigned long long& target = *by_number[instruction.destination];
  if (instruction.bytes == 2)
    target = (target & ~0xffffull) | (value & 0xffff);
  else
    target = instruction.bytes == 4 ? value & 0xffffffff : value;
  registers.eflags = (registers.eflags & ~arithmetic_flags) | 1;
  registers.rip += instruction.length;
}

}  // namespace fred
