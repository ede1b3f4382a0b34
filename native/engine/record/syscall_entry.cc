// What a call at its entry is, where it would end the program, and what of it a user would see.
#include "engine/record/syscall_entry.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <climits>

#include "engine/record/open_file.h"
#include "engine/record/syscall_table.h"

namespace fred {

Arguments arguments_of(const GeneralRegisters& r) { return {r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9}; }

GeneralRegisters before_call(GeneralRegisters registers, int number) {
  registers.rip -= 2;
  registers.rax = static_cast<uint64_t>(number);
  registers.orig_rax = static_cast<uint64_t>(-1);
  return registers;
}

std::string hex(uint64_t value) {
  char text[24];
  snprintf(text, sizeof text, "%#lx", value);
  return text;
}

std::string render_call(int number, const Arguments& arguments) {
  std::string text = std::string(syscall_name(number)) + "(";
  for (size_t i = 0; i < 6; i++) text += (i ? ", " : "") + hex(arguments[i]);
  return text + ")";
}

std::optional<Ending> ending_by(pid_t pid, int number, const Arguments& arguments) {
  const auto is_self = [&](uint64_t process) { return static_cast<pid_t>(process) == pid; };
  switch (number) {
    case SYS_exit:
    case SYS_exit_group: return Ending{true, static_cast<int>(arguments[0] & 0xff)};
    case SYS_kill:
    case SYS_tkill: return is_self(arguments[0]) && arguments[1] == SIGKILL ? std::optional(Ending{false, SIGKILL}) : std::nullopt;
    case SYS_tgkill:
      return is_self(arguments[0]) && is_self(arguments[1]) && arguments[2] == SIGKILL ? std::optional(Ending{false, SIGKILL}) : std::nullopt;
    default: return std::nullopt;
  }
}

std::optional<int64_t> shown_length(const Tracee& tracee, int number, const Arguments& arguments) {
  if (number != SYS_write && number != SYS_writev) return std::nullopt;
  const auto describe = [&](int fd) { return describe_descriptor(0, tracee.pid(), fd, false); };
  const OpenFileRef file = describe(static_cast<int>(arguments[0]));
  const auto goes_to = [&](int fd) {
    const OpenFileRef other = describe(fd);
    return other && other->path == file->path;
  };
  if (!file || !(file->is_terminal || goes_to(1) || goes_to(2))) return std::nullopt;
  if (number == SYS_write) return static_cast<int64_t>(arguments[2]);
  std::vector<iovec> parts(std::min<uint64_t>(arguments[2], IOV_MAX));
  if (tracee.read(arguments[1], parts.data(), parts.size() * sizeof(iovec)) != parts.size() * sizeof(iovec)) return std::nullopt;
  int64_t length = 0;
  for (const iovec& part : parts) length += static_cast<int64_t>(part.iov_len);
  return length;
}

}  // namespace fred
