// Drives evaluate_agent_expression from standard input: one hexadecimal bytecode per line in, its value or "none" out.
// With a number as argument: so many random bytecodes instead (for the sanitizers); prints how many had a value.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "engine/replay/agent_expression.h"

namespace {

constexpr uint64_t base = 0x1000;
const uint64_t memory[4] = {0x1122334455667788, 0xfffffffffffffffe, 0, 7};

bool read_memory(uint64_t address, void* out, size_t n) {
  if (address < base || address > base + sizeof memory - n) return false;
  memcpy(out, reinterpret_cast<const char*>(memory) + (address - base), n);
  return true;
}

std::vector<uint8_t> to_bytes(const std::string& hex) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) bytes.push_back(static_cast<uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

int run_random(const user_regs_struct& regs, long count) {
  std::mt19937 random(1);
  long values = 0;
  for (long i = 0; i < count; ++i) {
    std::vector<uint8_t> bytecode(random() % 40);
    for (auto& byte : bytecode) byte = static_cast<uint8_t>(random() % 3 ? random() % 0x36 : random());
    values += fred::evaluate_agent_expression(bytecode, regs, read_memory).has_value();
  }
  std::cout << values << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  user_regs_struct regs{};
  regs.rax = 5;
  regs.rip = 0x401136;
  regs.rsp = base;
  regs.orig_rax = static_cast<unsigned long long>(-1);
  regs.fs_base = 9;
  if (argc > 1) return run_random(regs, atol(argv[1]));
  for (std::string line; std::getline(std::cin, line);) {
    auto value = fred::evaluate_agent_expression(to_bytes(line), regs, read_memory);
    std::cout << (value ? std::to_string(*value) : "none") << "\n";
  }
}
