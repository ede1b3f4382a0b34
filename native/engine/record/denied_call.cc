// What a program may ask of prctl and the like, and what it is told that this kernel does not have.
#include "engine/record/denied_call.h"

#include <errno.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

namespace fred {
namespace {

// Newer than the headers of Debian 12, or of <asm/prctl.h>, which does not go with <sys/prctl.h>.
constexpr uint64_t pr_set_mdwe = 65;
constexpr uint64_t arch_cpuid = 0x1012, arch_request_guest_components = 0x1025, arch_request_components = 0x1023,
                   arch_map_vdso_first = 0x2001, arch_map_vdso_last = 0x2003, arch_shadow_stack_first = 0x5001,
                   arch_shadow_stack_last = 0x5005;

std::optional<int64_t> denied_prctl(uint64_t option, uint64_t value) {
  switch (option) {
    // Injected calls would be filtered, or made where they are not allowed.
    case PR_SET_SECCOMP:
    case PR_SET_SYSCALL_USER_DISPATCH:
    // Travel needs mprotect, and the break where the kernel has it.
    case pr_set_mdwe:
    case PR_SET_MM:
    // Reads of the counter must trap, and the trap is ours.
    case PR_SET_TSC: return -EINVAL;
    // A process without this may not be read by a debugger of the same user: the program is told that it was done.
    case PR_SET_DUMPABLE: return value == 0 ? std::optional<int64_t>(0) : std::nullopt;
    default: return std::nullopt;
  }
}

bool is_denied_arch_prctl(uint64_t option) {
  return option == arch_cpuid || option == arch_request_components || option == arch_request_guest_components ||
         (option >= arch_map_vdso_first && option <= arch_map_vdso_last) ||
         (option >= arch_shadow_stack_first && option <= arch_shadow_stack_last);
}

}  // namespace

std::optional<int64_t> denied_result(int number, const Arguments& arguments) {
  switch (number) {
    case SYS_prctl: return denied_prctl(arguments[0], arguments[1]);
    case SYS_arch_prctl: return is_denied_arch_prctl(arguments[0]) ? std::optional<int64_t>(-EINVAL) : std::nullopt;
    // It stays on our CPU, where its stops are cheap and CPUID gives the same answers.
    case SYS_sched_setaffinity: return arguments[0] == 0 && arguments[1] != 0 && arguments[2] != 0 ? std::optional<int64_t>(0) : std::nullopt;
    // Replay maps memory again with the arguments of then, and must get the same protection.
    case SYS_personality: {
      const bool asks = static_cast<uint32_t>(arguments[0]) == 0xffffffff;
      return !asks && (arguments[0] & READ_IMPLIES_EXEC) ? std::optional<int64_t>(-EINVAL) : std::nullopt;
    }
    default: return std::nullopt;
  }
}

}  // namespace fred
