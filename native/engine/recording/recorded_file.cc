// Finding, copying and opening mapped files.
#include "engine/recording/recorded_file.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <vector>

#include "engine/recording/chunk_file.h"

namespace fred {
namespace {

constexpr size_t block_size = 1 << 20;
// Data of users and caches changes any time; so much of it is kept rather than found again.
constexpr uint64_t largest_data_copy = 1 << 20;
constexpr uint64_t largest_blank = 1ull << 40;

std::string path_of(int fd) {
  char path[PATH_MAX] = {};
  const ssize_t length = readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path, sizeof path - 1);
  return length > 0 ? std::string(path, static_cast<size_t>(length)) : std::string();
}

bool is_at(const std::string& path, const struct stat& status) {
  struct stat there{};
  return !path.empty() && stat(path.c_str(), &there) == 0 && there.st_dev == status.st_dev && there.st_ino == status.st_ino;
}

bool is_program(int fd) {
  char start[SELFMAG] = {};
  return pread(fd, start, sizeof start, 0) == sizeof start && memcmp(start, ELFMAG, SELFMAG) == 0;
}

uint32_t crc_of(int fd) {
  std::vector<uint8_t> block(block_size);
  uint32_t crc = 0;
  for (off_t at = 0;;) {
    const ssize_t n = pread(fd, block.data(), block.size(), at);
    if (n <= 0) return crc;
    crc = crc32c(crc, {block.data(), static_cast<size_t>(n)});
    at += n;
  }
}

// Blocks of zeros become holes.
void copy_contents(int from, int to, const std::string& name) {
  std::vector<uint8_t> block(block_size);
  off_t at = 0;
  for (;;) {
    const ssize_t n = pread(from, block.data(), block.size(), at);
    if (n < 0) throw EngineError("RECORDING", "read " + name, errno, "");
    if (n == 0) break;
    const bool is_empty = std::all_of(block.begin(), block.begin() + n, [](uint8_t byte) { return byte == 0; });
    if (!is_empty && pwrite(to, block.data(), static_cast<size_t>(n), at) != n) throw EngineError("RECORDING", "write " + name, errno, "");
    at += n;
  }
  if (ftruncate(to, at) != 0) throw EngineError("RECORDING", "write " + name, errno, "");
}

Fd blank_file(const std::string& name, uint64_t size) {
  Fd fd(memfd_create(name.c_str(), MFD_CLOEXEC));
  if (!fd.is_open() || ftruncate(fd.get(), static_cast<off_t>(size)) != 0) throw EngineError("RECORDING", "memfd_create", errno, "");
  return fd;
}

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1).substr(0, 200); }

}  // namespace

void encode_file(ByteWriter& out, const RecordedFile& file) {
  out.put(file.number);
  out.put(file.kind);
  out.put(file.device);
  out.put(file.inode);
  out.put_string(file.path);
  out.put(file.size);
  out.put(file.crc);
}

RecordedFile decode_file(ByteReader& in) {
  RecordedFile file;
  file.number = in.take<int>();
  file.kind = in.take_enum(RecordedFile::Kind::blank);
  file.device = in.take<uint64_t>();
  file.inode = in.take<uint64_t>();
  file.path = in.take_string();
  file.size = in.take<uint64_t>();
  file.crc = in.take<uint32_t>();
  return file;
}

std::string path_of_copy(const std::string& directory, int number) { return directory + "/file-" + std::to_string(number); }

RecordedFile describe_file(int fd, bool may_change, int64_t since_ns) {
  RecordedFile file;
  struct stat status{};
  file.path = path_of(fd);
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    file.kind = RecordedFile::Kind::blank;
    return file;
  }
  file.size = static_cast<uint64_t>(status.st_size);
  const int64_t changed_ns = status.st_ctim.tv_sec * 1'000'000'000 + status.st_ctim.tv_nsec;
  if (may_change || changed_ns >= since_ns || !is_at(file.path, status) || (file.size <= largest_data_copy && !is_program(fd))) {
    file.kind = RecordedFile::Kind::copy;
    return file;
  }
  file.crc = crc_of(fd);
  return file;
}

void copy_file(int fd, const std::string& to) {
  const Fd copy(open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, is_program(fd) ? 0700 : 0600));
  if (!copy.is_open()) throw EngineError("RECORDING", "make " + to, errno, "");
  copy_contents(fd, copy.get(), to);
}

Fd open_recorded(const std::string& directory, const RecordedFile& file) {
  if (file.kind == RecordedFile::Kind::blank) return blank_file(name_of(file.path), largest_blank);
  const bool is_copy = file.kind == RecordedFile::Kind::copy;
  const std::string path = is_copy ? path_of_copy(directory, file.number) : file.path;
  Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (!fd.is_open() || fstat(fd.get(), &status) != 0)
    throw EngineError("RECORDING_FILE", "open " + path, errno, "the program had it mapped; put it back, or record again and use fred-ts pack");
  if (is_copy) {
    Fd copy = blank_file(name_of(file.path), 0);
    copy_contents(fd.get(), copy.get(), path);
    return copy;
  }
  if (static_cast<uint64_t>(status.st_size) != file.size || crc_of(fd.get()) != file.crc)
    throw EngineError("RECORDING_FILE", "replay", 0,
                      path + " has changed since the recording was made, and the program had it mapped; put the old one back, or record again "
                             "and use fred-ts pack");
  return fd;
}

Vma mapped_identity(int fd) {
  void* at = mmap(nullptr, page_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (at == MAP_FAILED) throw EngineError("RECORDING", "mmap", errno, "");
  const std::vector<Vma> vmas = read_maps(getpid(), {});
  const Vma* found = find_vma(vmas, reinterpret_cast<uint64_t>(at));
  Vma identity = found ? *found : Vma();
  munmap(at, page_size);
  return identity;
}

}  // namespace fred
