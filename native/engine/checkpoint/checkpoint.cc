// Comparing register states.
#include "engine/checkpoint/checkpoint.h"

#include <cpuid.h>

#include <cstring>

namespace fred {
namespace {

constexpr uint64_t tracer_flags = 0x100 | 0x10000;  // TF, RF
constexpr size_t header_offset = 512, legacy_xmm_offset = 160, legacy_xmm_bytes = 256;
constexpr unsigned first_extended = 2, last_compared = 9;

struct Component {
  uint32_t offset = 0, size = 0;
};

Component component(unsigned index) {
  Component found;
  uint32_t ecx = 0, edx = 0;
  __cpuid_count(0xd, index, found.size, found.offset, ecx, edx);
  return found;
}

uint64_t in_use(const XState& state) {
  uint64_t bits = 0;
  if (state.size() >= header_offset + 8) memcpy(&bits, state.data() + header_offset, 8);
  return bits;
}

bool part_equal(const XState& a, bool has_a, const XState& b, bool has_b, size_t offset, size_t size) {
  if (offset + size > a.size() || offset + size > b.size()) return true;
  static const uint8_t zeros[8192]{};
  const uint8_t* left = has_a ? a.data() + offset : zeros;
  const uint8_t* right = has_b ? b.data() + offset : zeros;
  return size <= sizeof zeros && memcmp(left, right, size) == 0;
}

}  // namespace

bool registers_equal(const GeneralRegisters& a, const GeneralRegisters& b) {
  GeneralRegisters left = a, right = b;
  left.eflags &= ~tracer_flags;
  right.eflags &= ~tracer_flags;
  left.orig_rax = right.orig_rax = 0;
  return memcmp(&left, &right, sizeof left) == 0;
}

bool xstate_equal(const XState& a, const XState& b) {
  static const std::vector<Component> components = [] {
    std::vector<Component> found;
    for (unsigned i = first_extended; i <= last_compared; i++) found.push_back(component(i));
    return found;
  }();
  uint64_t used_a = in_use(a), used_b = in_use(b);
  if ((used_a & 1) && (used_b & 1) && !part_equal(a, true, b, true, 0, 24)) return false;
  if ((used_a & 1) && (used_b & 1) && !part_equal(a, true, b, true, 32, 128)) return false;
  if (!part_equal(a, used_a & 2, b, used_b & 2, legacy_xmm_offset, legacy_xmm_bytes)) return false;
  for (unsigned i = first_extended; i <= last_compared; i++) {
    const Component& part = components[i - first_extended];
    if (part.size && !part_equal(a, used_a >> i & 1, b, used_b >> i & 1, part.offset, part.size)) return false;
  }
  return true;
}

}  // namespace fred
