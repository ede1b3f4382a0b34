// The system calls that can be recorded: a table of what each writes into the program's memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace fred {

enum class SyscallClass : uint8_t {
  plain,       // replay emulates it: result and written bytes come from the log
  pages,       // written memory is found by comparing pages; otherwise plain
  mapping,     // changes the address space: replay really executes it
  fork,        // makes a process that runs on unrecorded
  exec,        // replaces the program
  sigreturn,   // replaces all registers
  set_fs,      // arch_prctl: may set a segment base
  refused,     // answered with ENOSYS, so that programs fall back
  unsupported  // the program is stopped before it, with a message
};

// How many bytes an argument points to that the kernel has written. `unit` multiplies.
struct Output {
  enum class Size : uint8_t {
    none,
    fixed,            // unit bytes
    by_result,        // result * unit
    behind_type,      // a long and result bytes (System V messages)
    by_argument,      // value of argument `other` * unit
    by_pointer,       // *(uint32_t*)argument `other`, as the call left it (sockaddr lengths; those 4 bytes are an output too)
    iovec,            // an array of `other` iovecs, result bytes in all
    descriptor_set,   // an fd_set of as many descriptors as the first argument says
    message,          // a msghdr: its buffers hold result bytes, with name, control data and the header itself
    messages          // an array of result mmsghdrs
  };
  uint8_t argument = 0;
  Size size = Size::none;
  uint16_t unit = 1;
  uint8_t other = 0;
  bool also_on_error = false;
};

struct SyscallRow {
  int number;
  const char* name;
  SyscallClass kind = SyscallClass::plain;
  std::array<Output, 5> outputs{};
};

// Results of the kernel: -errno, and its own codes of calls that a signal interrupted (ERESTARTSYS …).
constexpr int64_t restart_block = -516;
constexpr bool is_error(int64_t result) { return result < 0 && result >= -4095; }
constexpr bool is_restart(int64_t result) { return (result <= -512 && result >= -514) || result == restart_block; }

// Null for a call that is newer than the table.
const SyscallRow* find_syscall(int number);
const char* syscall_name(int number);

}  // namespace fred
