// write and its kind: the descriptor, the place and the length, from a table.
#include "engine/record/file_write.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/tracee/descriptors.h"

namespace fred {
namespace {

enum class Place : uint8_t {
  position,  // where the descriptor stands
  value,     // argument `at`; -1: where the descriptor stands
  pointer,   // *(int64_t*)argument `at`; null: where the descriptor stands
  to_size    // between argument `at` and the file's size
};
enum class Length : uint8_t { value, iovec, rest };

struct WriteRow {
  int number;
  uint8_t fd;
  Place place;
  uint8_t at;
  Length length;
  uint8_t count;  // argument: bytes, or the number of iovecs, which are the argument before
};

constexpr WriteRow rows[] = {
    {SYS_write, 0, Place::position, 0, Length::value, 2},        {SYS_pwrite64, 0, Place::value, 3, Length::value, 2},
    {SYS_writev, 0, Place::position, 0, Length::iovec, 2},       {SYS_pwritev, 0, Place::value, 3, Length::iovec, 2},
    {SYS_pwritev2, 0, Place::value, 3, Length::iovec, 2},        {SYS_sendfile, 0, Place::position, 0, Length::value, 3},
    {SYS_splice, 2, Place::pointer, 3, Length::value, 4},        {SYS_copy_file_range, 2, Place::pointer, 3, Length::value, 4},
    {SYS_ftruncate, 0, Place::to_size, 1, Length::rest, 0},      {SYS_fallocate, 0, Place::value, 2, Length::rest, 0},
};

const WriteRow* find_row(int number) {
  const auto* row = std::find_if(std::begin(rows), std::end(rows), [number](const WriteRow& each) { return each.number == number; });
  return row == std::end(rows) ? nullptr : row;
}

uint64_t start_of(const Tracee& tracee, const WriteRow& row, const Arguments& arguments, uint64_t size) {
  const int fd = static_cast<int>(arguments[row.fd]);
  const uint64_t given = arguments[row.at];
  if (row.place == Place::to_size) return std::min(given, size);
  const bool appends = read_number("/proc/" + std::to_string(tracee.pid()) + "/fdinfo/" + std::to_string(fd), "flags:", 8, 0) & O_APPEND;
  if (appends && row.length != Length::rest) return size;
  if (row.place == Place::value && given != ~0ull) return given;
  if (row.place == Place::pointer && given != 0) {
    uint64_t place = 0;
    tracee.read(given, &place, sizeof place);
    return place;
  }
  return static_cast<uint64_t>(position_of(tracee.pid(), fd));
}

uint64_t length_of(const Tracee& tracee, const WriteRow& row, const Arguments& arguments) {
  const uint64_t count = arguments[row.count];
  if (row.length == Length::value) return count;
  std::vector<iovec> vectors(std::min<uint64_t>(count, 1024));
  vectors.resize(tracee.read(arguments[row.count - 1], vectors.data(), vectors.size() * sizeof(iovec)) / sizeof(iovec));
  uint64_t length = 0;
  for (const iovec& vector : vectors) length += vector.iov_len;
  return length;
}

}  // namespace

std::optional<FileWrite> find_file_write(const Tracee& tracee, int number, const Arguments& arguments) {
  const WriteRow* row = find_row(number);
  if (!row) return std::nullopt;
  const std::string path = "/proc/" + std::to_string(tracee.pid()) + "/fd/" + std::to_string(static_cast<int>(arguments[row->fd]));
  struct stat status{};
  if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  FileWrite write;
  write.inode = status.st_ino;
  write.size = static_cast<uint64_t>(status.st_size);
  write.start = start_of(tracee, *row, arguments, write.size);
  // To the old end, and further where the call itself makes the file longer.
  write.end = row->length == Length::rest ? std::max(write.size, write.start) : write.start + std::min(length_of(tracee, *row, arguments), ~write.start);
  return write;
}

}  // namespace fred
