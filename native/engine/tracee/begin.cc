// At the first instruction of a new program: what it was given on its stack is made such that its run can be repeated.
#include <elf.h>
#include <sys/ptrace.h>

#include <cstring>

#include "engine/tracee/launch.h"

namespace fred {
namespace {

// How far the vectors on the stack move down to make room; a multiple of the stack's alignment.
constexpr uint64_t room = 48;

// argc, argv, envp and the auxiliary vector, as 8-byte words from the stack pointer on.
struct StartVectors {
  std::vector<uint64_t> words;
  size_t env = 0;        // index of the first variable
  size_t auxiliary = 0;  // of the first pair
};

StartVectors read_vectors(Tracee& tracee) {
  StartVectors vectors;
  uint64_t at = tracee.registers().rsp;
  const auto take = [&] {
    uint64_t word = 0;
    tracee.read_exactly(at, &word, 8);
    at += 8;
    vectors.words.push_back(word);
    return word;
  };
  for (uint64_t count = take() + 1; count > 0; count--) take();
  vectors.env = vectors.words.size();
  while (take() != 0) {
  }
  vectors.auxiliary = vectors.words.size();
  while (take() != AT_NULL) take();
  take();
  return vectors;
}

bool is_set(const Tracee& tracee, const StartVectors& vectors, const std::string& name) {
  for (size_t i = vectors.env; i + 1 < vectors.auxiliary; i++) {
    std::string text(name.size(), 0);
    if (tracee.read(vectors.words[i], text.data(), text.size()) == text.size() && text == name) return true;
  }
  return false;
}

// One variable more for the loader, behind all others. The string goes where the vectors have ended before.
void add_variable(Tracee& tracee, StartVectors& vectors, const std::string& text) {
  GeneralRegisters registers = tracee.registers();
  const uint64_t string = registers.rsp + vectors.words.size() * 8 - (room - 8);
  registers.rsp -= room;
  vectors.words.insert(vectors.words.begin() + static_cast<ptrdiff_t>(vectors.auxiliary) - 1, string);
  vectors.auxiliary++;
  tracee.write_exactly(registers.rsp, vectors.words.data(), vectors.words.size() * 8);
  tracee.write_exactly(string, text.c_str(), text.size() + 1);
  tracee.set_registers(registers);
}

}  // namespace

Launched begin_program(std::unique_ptr<Tracee> tracee) {
  // Out of execve, to the first instruction.
  int status = 0;
  do status = tracee->resume_and_wait(PTRACE_SYSCALL);
  while (!tracee->is_gone() && status >> 8 != (SIGTRAP | 0x80));
  if (tracee->is_gone()) throw EngineError("GONE", "execve", 0, "the program was killed before its first instruction");
  GeneralRegisters registers = tracee->registers();
  registers.orig_rax = static_cast<uint64_t>(-1);
  tracee->set_registers(registers);
  tracee->prepare_injection();
  StartVectors vectors = read_vectors(*tracee);
  uint64_t entry = 0, interpreter = 0;
  for (size_t i = vectors.auxiliary; i + 1 < vectors.words.size(); i += 2) {
    if (vectors.words[i] == AT_ENTRY) entry = vectors.words[i + 1];
    if (vectors.words[i] == AT_BASE) interpreter = vectors.words[i + 1];
    // The C library then uses real system calls for the time, which can be recorded.
    if (vectors.words[i] == AT_SYSINFO_EHDR) vectors.words[i] = AT_IGNORE;
  }
  const bool tells_loader = interpreter != 0 && !is_set(*tracee, vectors, "LD_BIND_NOW=");
  if (tells_loader)
    add_variable(*tracee, vectors, bind_now);
  else
    tracee->write_exactly(tracee->registers().rsp, vectors.words.data(), vectors.words.size() * 8);
  return {std::move(tracee), tells_loader ? entry : 0};
}

}  // namespace fred
