// Assembling the stub. It touches no stack: what it needs is kept in its own page.
#include "engine/replay/marker.h"

#include <sys/mman.h>
#include <sys/syscall.h>

#include <cstring>

#include "engine/engine.h"

namespace fred {
namespace {

constexpr uint64_t saved_rax = 0, saved_flags = 8, counter = 16, goal = 24, wanted_registers = 32, wanted_words = 192, code_start = 1024;
constexpr int map_fixed_noreplace = 0x100000;
constexpr int64_t distances[] = {-0x8000000, 0x8000000, -0x18000000, 0x18000000, -0x30000000, 0x30000000, -0x60000000, 0x60000000};
constexpr size_t jump_length = 5;
constexpr size_t largest_text = 64 << 20;
constexpr uint64_t near_distance = 256, function_distance = 32768;

// Register numbers as instructions encode them.
constexpr unsigned rax = 0;
using Field = unsigned long long user_regs_struct::*;
constexpr Field fields[16] = {&user_regs_struct::rax, &user_regs_struct::rcx, &user_regs_struct::rdx, &user_regs_struct::rbx,
                              &user_regs_struct::rsp, &user_regs_struct::rbp, &user_regs_struct::rsi, &user_regs_struct::rdi,
                              &user_regs_struct::r8,  &user_regs_struct::r9,  &user_regs_struct::r10, &user_regs_struct::r11,
                              &user_regs_struct::r12, &user_regs_struct::r13, &user_regs_struct::r14, &user_regs_struct::r15};

class Code {
 public:
  explicit Code(uint64_t address) : address_(address) {}
  uint64_t here() const { return address_ + bytes.size(); }
  void put(std::initializer_list<int> values) {
    for (int value : values) bytes.push_back(static_cast<uint8_t>(value));
  }
  template <typename T>
  void number(T value) {
    const auto* raw = reinterpret_cast<const uint8_t*>(&value);
    bytes.insert(bytes.end(), raw, raw + sizeof value);
  }
  // A 4-byte displacement to `target`, counted from the end of the instruction, `rest` bytes after the field.
  void relative(uint64_t target, size_t rest = 0) { number(static_cast<int32_t>(target - (here() + 4 + rest))); }
  void jump(uint64_t target) {
    put({0xe9});
    relative(target);
  }
  std::vector<uint8_t> bytes;

 private:
  uint64_t address_;
};

}  // namespace

// Could anything in the region's text jump to an address inside the marked code? Every byte is taken for the start of a branch, so
// the answer is never a wrong "no" for direct ones; a computed jump nearby (a table of cases) counts as "yes".
static bool may_be_entered(const Tracee& tracee, const MarkedCode& marked) {
  const std::vector<Vma> vmas = tracee.maps();
  const Vma* vma = find_vma(vmas, marked.address);
  if (!vma) return true;
  std::vector<uint8_t> text(vma->end - vma->start);
  if (text.size() > largest_text || tracee.read(vma->start, text.data(), text.size()) != text.size()) return true;
  for (size_t i = 0; i + 6 < text.size(); i++) {
    const uint8_t op = text[i], next = text[i + 1];
    const uint64_t at = vma->start + i;
    const uint64_t distance = at > marked.address ? at - marked.address : marked.address - at;
    if (distance < near_distance) {
      const bool is_short = (op & 0xf0) == 0x70 || op == 0xeb || (op >= 0xe0 && op <= 0xe3);
      if (is_short && marked.has_inside(at + 2 + static_cast<uint64_t>(static_cast<int8_t>(next)))) return true;
    }
    if (distance < function_distance && op == 0xff && ((next & 0xf8) == 0xe0 || next == 0x24)) {
      // Start-up code calls optional functions by `je over; jmp *%rax`: no table.
      const bool is_null_check = i >= 2 && text[i - 2] == 0x74;
      if (!is_null_check) return true;
    }
    const size_t field = op == 0xe8 || op == 0xe9 ? 1 : op == 0x0f && (next & 0xf0) == 0x80 ? 2 : 0;
    if (field == 0) continue;
    int32_t offset;
    memcpy(&offset, text.data() + i + field, 4);
    if (marked.has_inside(at + field + 4 + static_cast<uint64_t>(static_cast<int64_t>(offset)))) return true;
  }
  return false;
}

std::optional<MarkedCode> find_markable(const Tracee& tracee, uint64_t address) {
  uint8_t code[32] = {};
  const size_t available = tracee.read(address, code, sizeof code);
  MarkedCode marked;
  marked.address = address;
  while (marked.length < jump_length) {
    const std::span<const uint8_t> rest(code + marked.length, available - marked.length);
    const std::optional<MovableInstruction> instruction = decode_movable(rest, address + marked.length);
    if (!instruction) return std::nullopt;
    marked.instructions.push_back(*instruction);
    marked.length += instruction->length;
    // Behind these execution does not simply go on.
    const bool leaves = instruction->kind == MovableInstruction::Kind::jump || instruction->kind == MovableInstruction::Kind::call;
    if (leaves && marked.length < jump_length) return std::nullopt;
  }
  if (marked.instructions.size() > 1 && may_be_entered(tracee, marked)) return std::nullopt;
  return marked;
}

Marker::Marker(Tracee& tracee, const MarkedCode& code) : tracee_(tracee), marked_(code), original_(code.length) {
  const uint64_t address = code.address;
  tracee_.read_exactly(address, original_.data(), original_.size());
  for (int64_t distance : distances) {
    const uint64_t wish = page_of(address) + static_cast<uint64_t>(distance);
    if (static_cast<int64_t>(wish) < 0x10000 || wish >= 0x7fffffff0000) continue;
    const int64_t got = tracee_.inject(SYS_mmap, {wish, page_size, PROT_READ | PROT_WRITE | PROT_EXEC,
                                                  static_cast<uint64_t>(MAP_PRIVATE | MAP_ANONYMOUS | map_fixed_noreplace),
                                                  static_cast<uint64_t>(-1), 0});
    if (got == static_cast<int64_t>(wish)) {
      page_ = wish;
      tracee_.hide_page(page_);
      return;
    }
  }
  throw EngineError("MARKER", "mmap", ENOMEM, "no room near the marked instruction");
}

Marker::~Marker() {
  try {
    if (tracee_.is_gone()) return;
    tracee_.inject(SYS_munmap, {page_, page_size});
    tracee_.show_page(page_);
  } catch (const EngineError&) {
    // The tracee is dying: its memory goes with it.
  }
}

CodePatch Marker::patch() const {
  Code code(marked_.address);
  code.jump(page_ + code_start);
  return {marked_.address, code.bytes};
}

void Marker::assemble(bool counts, const std::vector<MarkerWord>& words) {
  Code code(page_ + code_start);
  std::vector<size_t> exits;  // places of 4-byte displacements to "out"
  auto leave_unless_equal = [&] {
    code.put({0x0f, 0x85});  // jne out
    exits.push_back(code.bytes.size());
    code.number<int32_t>(0);
  };
  auto load_rax = [&](uint64_t slot) {
    code.put({0x48, 0x8b, 0x05});
    code.relative(page_ + slot);
  };
  auto store_rax = [&](uint64_t slot) {
    code.put({0x48, 0x89, 0x05});
    code.relative(page_ + slot);
  };
  auto compare = [&](unsigned number, uint64_t slot) {  // cmp reg, [slot]
    code.put({0x48 | (number >= 8 ? 4 : 0), 0x3b, 0x05 | static_cast<int>((number & 7) << 3)});
    code.relative(page_ + slot);
  };
  auto restore = [&] {
    load_rax(saved_flags);
    code.put({0x04, 0x7f, 0x9e});  // add al, 127 (brings OF back); sahf
    load_rax(saved_rax);
  };
  store_rax(saved_rax);
  code.put({0x9f, 0x0f, 0x90, 0xc0});  // lahf; seto al
  store_rax(saved_flags);
  code.put({0x48, 0xff, 0x05});  // inc qword [counter]
  code.relative(page_ + counter);
  if (counts) {
    load_rax(counter);
    compare(rax, goal);
    leave_unless_equal();
  } else {
    for (unsigned number = 1; number < 16; number++) {
      compare(number, wanted_registers + number * 8);
      leave_unless_equal();
    }
    load_rax(saved_rax);
    compare(rax, wanted_registers);
    leave_unless_equal();
    for (size_t i = 0; i < words.size(); i++) {
      code.put({0x48, 0xa1});  // mov rax, [absolute]
      code.number(words[i].address);
      compare(rax, wanted_words + i * 8);
      leave_unless_equal();
    }
  }
  restore();
  trap_ = code.here();
  code.put({0xcc});
  for (size_t at : exits) {
    const auto offset = static_cast<int32_t>(code.bytes.size() - (at + 4));
    memcpy(code.bytes.data() + at, &offset, 4);
  }
  restore();
  displaced_ = code.here();
  moved_.clear();
  size_t at = 0;
  for (const MovableInstruction& instruction : marked_.instructions) {
    moved_.push_back(code.here());
    const auto first = original_.begin() + static_cast<ptrdiff_t>(at), last = first + static_cast<ptrdiff_t>(instruction.length);
    at += instruction.length;
    const uint64_t next = marked_.address + at;
    switch (instruction.kind) {
      case MovableInstruction::Kind::plain: code.bytes.insert(code.bytes.end(), first, last); break;
      case MovableInstruction::Kind::rip_relative: {
        const auto field = first + static_cast<ptrdiff_t>(instruction.field);
        int32_t old;
        memcpy(&old, &*field, 4);
        const uint64_t target = next + static_cast<uint64_t>(static_cast<int64_t>(old));
        code.bytes.insert(code.bytes.end(), first, field);
        code.relative(target, instruction.length - instruction.field - 4);
        code.bytes.insert(code.bytes.end(), field + 4, last);
        break;
      }
      case MovableInstruction::Kind::jump: code.jump(instruction.target); break;
      case MovableInstruction::Kind::branch:
        code.put({0x0f, 0x80 | instruction.condition});
        code.relative(instruction.target);
        break;
      case MovableInstruction::Kind::call:
        code.put({0x48, 0x8d, 0x64, 0x24, 0xf8, 0xc7, 0x04, 0x24});  // lea rsp,[rsp-8]; mov dword [rsp], low
        code.number(static_cast<uint32_t>(next));
        code.put({0xc7, 0x44, 0x24, 0x04});  // mov dword [rsp+4], high
        code.number(static_cast<uint32_t>(next >> 32));
        code.jump(instruction.target);
        break;
    }
  }
  code.jump(marked_.address + marked_.length);
  tracee_.write_exactly(page_ + code_start, code.bytes.data(), code.bytes.size());
}

void Marker::trap_in_state(const GeneralRegisters& registers, const std::vector<MarkerWord>& words) {
  assemble(false, words);
  uint64_t values[16];
  for (size_t i = 0; i < 16; i++) values[i] = registers.*fields[i];
  tracee_.write_exactly(page_ + wanted_registers, values, sizeof values);
  for (size_t i = 0; i < words.size(); i++) tracee_.write_exactly(page_ + wanted_words + i * 8, &words[i].value, 8);
}

void Marker::trap_at_visit(uint64_t count) {
  assemble(true, {});
  tracee_.write_exactly(page_ + goal, &count, 8);
}

uint64_t Marker::original_of(uint64_t pc) const {
  size_t at = 0;
  for (size_t i = 0; i < moved_.size(); i++) {
    if (moved_[i] == pc) return marked_.address + at;
    at += marked_.instructions[i].length;
  }
  return 0;
}

uint64_t Marker::visits() const {
  uint64_t count = 0;
  tracee_.read_exactly(page_ + counter, &count, 8);
  return count;
}

void Marker::set_visits(uint64_t count) { tracee_.write_exactly(page_ + counter, &count, 8); }

std::optional<bool> Marker::leave() {
  GeneralRegisters registers = tracee_.registers();
  const bool is_at_trap = registers.rip == trap_;
  if (!is_at_trap && registers.rip != displaced_) return std::nullopt;
  registers.rip = marked_.address;
  tracee_.set_registers(registers);
  return is_at_trap;
}

}  // namespace fred
