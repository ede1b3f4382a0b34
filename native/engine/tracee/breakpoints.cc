// Breakpoints: int3 in text for software breakpoints, DR0-DR3 for the rest.
#include "engine/tracee/breakpoints.h"

#include <algorithm>
#include <cerrno>

namespace fred {
namespace {

constexpr uint8_t int3 = 0xcc;
constexpr size_t debug_register_count = 4;

bool is_execution(BreakpointSpec::Kind kind) {
  return kind == BreakpointSpec::Kind::software || kind == BreakpointSpec::Kind::hardware;
}

// DR7 condition bits: 1 = write, 3 = read or write (x86 has no read-only watch).
uint64_t condition_bits(BreakpointSpec::Kind kind) { return kind == BreakpointSpec::Kind::write ? 1 : 3; }

uint64_t length_bits(uint32_t length) { return length == 8 ? 2 : length - 1; }

// A watched range as aligned pieces of 1, 2, 4 or 8 bytes: what one debug register can hold.
std::vector<BreakpointSpec> pieces(const BreakpointSpec& spec) {
  std::vector<BreakpointSpec> result;
  for (uint64_t at = spec.address, end = spec.address + spec.length; at < end;) {
    uint32_t size = 8;
    while (at % size != 0 || at + size > end) size /= 2;
    BreakpointSpec piece = spec;
    piece.address = at;
    piece.length = size;
    result.push_back(std::move(piece));
    at += size;
  }
  return result;
}

bool is_same(const BreakpointSpec& a, const BreakpointSpec& b) {
  return a.kind == b.kind && a.address == b.address && (is_execution(a.kind) || a.length == b.length);
}

}  // namespace

void Breakpoints::add(const BreakpointSpec& spec) {
  std::vector<BreakpointSpec> next = specs_;
  std::erase_if(next, [&](const BreakpointSpec& known) { return is_same(known, spec); });
  next.push_back(spec);
  size_t registers = 0;
  for (const BreakpointSpec& each : next)
    if (!is_execution(each.kind)) registers += pieces(each).size();
  if (registers > debug_register_count)
    throw EngineError("NO_DEBUG_REGISTER", "insert_breakpoint", ENOSPC, "the processor has four debug registers");
  specs_ = std::move(next);
  if (!is_execution(spec.kind)) arm_debug_registers();
}

void Breakpoints::remove(const BreakpointSpec& spec) {
  std::erase_if(specs_, [&](const BreakpointSpec& known) { return is_same(known, spec); });
  if (!is_execution(spec.kind)) arm_debug_registers();
}

void Breakpoints::clear() {
  specs_.clear();
  arm_debug_registers();
}

const BreakpointSpec* Breakpoints::at(uint64_t address) const {
  for (const BreakpointSpec& spec : specs_)
    if (is_execution(spec.kind) && spec.address == address) return &spec;
  return nullptr;
}

void Breakpoints::arm_debug_registers() {
  watched_.clear();
  control_ = 0;
  generation_++;
  for (const BreakpointSpec& spec : specs_)
    if (!is_execution(spec.kind))
      for (BreakpointSpec& piece : pieces(spec)) watched_.push_back(std::move(piece));
  for (size_t i = 0; i < watched_.size(); i++) {
    control_ |= 1ull << (i * 2);
    control_ |= (condition_bits(watched_[i].kind) | length_bits(watched_[i].length) << 2) << (16 + i * 4);
  }
}

// Runs of the engine's own must not stop at every access.
void Breakpoints::set_armed(bool is_wanted) {
  const uint64_t control = is_wanted ? control_ : 0;
  Armed& armed = armed_[tracee_.tid()];
  if (armed.control == control && (control == 0 || armed.generation == generation_)) return;
  tracee_.set_debug_register(7, 0);
  if (control != 0 && armed.generation != generation_)
    for (size_t i = 0; i < watched_.size(); i++) tracee_.set_debug_register(static_cast<unsigned>(i), watched_[i].address);
  if (control != 0) {
    tracee_.set_debug_register(7, control);
    armed.generation = generation_;
  }
  armed.control = control;
}

const BreakpointSpec* Breakpoints::take_watchpoint_hit() {
  if (armed_[tracee_.tid()].control == 0) return nullptr;
  uint64_t status = tracee_.debug_register(6);
  if ((status & 0xf) == 0) return nullptr;
  tracee_.set_debug_register(6, 0);
  for (size_t i = 0; i < watched_.size(); i++)
    if (status & (1ull << i)) return &watched_[i];
  return nullptr;
}

void Breakpoints::insert(const std::set<uint64_t>& extra, bool is_user_wanted) {
  set_armed(is_user_wanted);
  std::set<uint64_t> wanted = extra;
  if (is_user_wanted)
    for (const BreakpointSpec& spec : specs_)
      if (is_execution(spec.kind)) wanted.insert(spec.address);
  std::vector<uint64_t> surplus;
  for (const auto& [address, byte] : inserted_)
    if (!wanted.contains(address)) surplus.push_back(address);
  for (uint64_t address : surplus) lift(address);
  for (uint64_t address : wanted) {
    uint8_t old = 0;
    // An address that is not mapped yet is tried again at the next insertion.
    if (inserted_.contains(address) || tracee_.read(address, &old, 1) != 1) continue;
    if (tracee_.write(address, &int3, 1) == 1) inserted_[address] = old;
  }
  wanted_ = std::move(wanted);
  if (patch_ && under_patch_.empty()) {
    under_patch_.resize(patch_->bytes.size());
    tracee_.read_exactly(patch_->address, under_patch_.data(), under_patch_.size());
    tracee_.write_exactly(patch_->address, patch_->bytes.data(), patch_->bytes.size());
  }
}

void Breakpoints::lift(uint64_t address) {
  auto found = inserted_.find(address);
  if (found == inserted_.end()) return;
  uint8_t now = 0;
  // The page may have been unmapped or replaced meanwhile.
  if (tracee_.read(address, &now, 1) == 1 && now == int3) tracee_.write(address, &found->second, 1);
  inserted_.erase(found);
}

void Breakpoints::lift_all() {
  if (!under_patch_.empty()) tracee_.write(patch_->address, under_patch_.data(), under_patch_.size());
  under_patch_.clear();
  while (!inserted_.empty()) lift(inserted_.begin()->first);
}

}  // namespace fred
