// Reading /proc/PID/fd and fdinfo.
#include "engine/tracee/descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>

#include "engine/tracee/tracee.h"

namespace fred {
namespace {

constexpr rlim_t spare_descriptors = 1024;

}  // namespace

long read_number(const std::string& path, const char* name, int base, long fallback) {
  std::unique_ptr<FILE, int (*)(FILE*)> file(fopen(path.c_str(), "re"), fclose);
  char line[256];
  const size_t length = strlen(name);
  while (file && fgets(line, sizeof line, file.get()))
    if (strncmp(line, name, length) == 0) return strtol(line + length, nullptr, base);
  return fallback;
}

std::vector<std::string> command_line_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
  return words;
}

std::vector<int> descriptors_of(pid_t pid) {
  std::vector<int> found;
  std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(("/proc/" + std::to_string(pid) + "/fd").c_str()), closedir);
  while (const dirent* entry = folder ? readdir(folder.get()) : nullptr)
    if (entry->d_name[0] != '.') found.push_back(atoi(entry->d_name));
  std::sort(found.begin(), found.end());
  return found;
}

int64_t position_of(pid_t pid, int fd) {
  return read_number("/proc/" + std::to_string(pid) + "/fdinfo/" + std::to_string(fd), "pos:", 10, 0);
}

bool is_same_description(pid_t pid, int a, int b) { return syscall(SYS_kcmp, pid, pid, KCMP_FILE, a, b) == 0; }

int64_t open_in(Tracee& tracee, int fd, int flags) {
  const uint64_t path = tracee.place_string("/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(fd));
  const RoomForDescriptors room(tracee.pid());
  return tracee.inject(SYS_openat, {static_cast<uint64_t>(AT_FDCWD), path, static_cast<uint64_t>(flags | O_CLOEXEC), 0});
}

RoomForDescriptors::RoomForDescriptors(pid_t pid) : pid_(pid), limit_(pid, RLIMIT_NOFILE, spare_descriptors) {}

uint64_t RoomForDescriptors::first() const {
  const std::vector<int> used = descriptors_of(pid_);
  return used.empty() ? 0 : static_cast<uint64_t>(used.back()) + 1;
}

}  // namespace fred
