// Descriptions as /proc shows them.
#include "engine/record/open_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <atomic>
#include <climits>

#include "engine/tracee/descriptors.h"

namespace fred {
namespace {

constexpr int most_held = 256;  // so that the engine does not run out of descriptors itself
constexpr unsigned tty_major = 4, console_major = 5, first_pty_major = 136, last_pty_major = 143;

std::atomic<int> held = 0;

bool is_terminal_device(const struct stat& status) {
  const unsigned device = major(status.st_rdev);
  return S_ISCHR(status.st_mode) && (device == tty_major || device == console_major || (device >= first_pty_major && device <= last_pty_major));
}

std::shared_ptr<OpenFile> describe_link(uint64_t id, const std::string& link) {
  auto file = std::make_shared<OpenFile>();
  file->id = id;
  char path[PATH_MAX] = {};
  if (readlink(link.c_str(), path, sizeof path - 1) < 0) return nullptr;
  file->path = path;
  Fd inode(open(link.c_str(), O_PATH | O_CLOEXEC));
  struct stat status{};
  if (!inode.is_open() || fstat(inode.get(), &status) != 0) return nullptr;
  file->is_terminal = is_terminal_device(status);
  file->is_seekable = S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) || S_ISBLK(status.st_mode);
  file->can_reopen = file->is_seekable || S_ISCHR(status.st_mode);
  file->is_input = file->is_terminal || S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode);
  if (file->can_reopen && held < most_held) {
    held++;
    file->inode = std::move(inode);
  }
  return file;
}

std::string process(pid_t pid) { return "/proc/" + std::to_string(pid); }

}  // namespace

OpenFile::~OpenFile() {
  if (inode.is_open()) held--;
}

Fd OpenFile::find() const { return Fd(inode.is_open() ? fcntl(inode.get(), F_DUPFD_CLOEXEC, 0) : open(path.c_str(), O_PATH | O_CLOEXEC)); }

OpenFileRef describe_descriptor(uint64_t id, pid_t pid, int fd, bool is_own) {
  std::shared_ptr<OpenFile> file = describe_link(id, process(pid) + "/fd/" + std::to_string(fd));
  if (!file) return nullptr;
  file->flags = static_cast<int>(read_number(process(pid) + "/fdinfo/" + std::to_string(fd), "flags:", 8, 0));
  if (is_own) file->is_input = false;
  return file;
}

OpenFileRef describe_directory(uint64_t id, pid_t pid) { return describe_link(id, process(pid) + "/cwd"); }

}  // namespace fred
