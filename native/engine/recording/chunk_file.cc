// Writing and reading of chunks.
#include "engine/recording/chunk_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "engine/engine.h"

namespace fred {
namespace {

constexpr char magic[8] = {'f', 'r', 'e', 'd', 'r', 'e', 'c', '1'};

struct __attribute__((packed)) ChunkHead {
  uint32_t type;
  uint64_t length;
  uint32_t crc;
};

constexpr std::array<uint32_t, 256> make_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; bit++) value = value & 1 ? (value >> 1) ^ 0x82f63b78 : value >> 1;
    table[i] = value;
  }
  return table;
}

__attribute__((target("sse4.2"))) uint32_t crc_fast(uint32_t crc, std::span<const uint8_t> bytes) {
  uint64_t value = crc;
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    uint64_t word;
    memcpy(&word, bytes.data() + at, 8);
    value = __builtin_ia32_crc32di(value, word);
  }
  auto result = static_cast<uint32_t>(value);
  for (; at < bytes.size(); at++) result = __builtin_ia32_crc32qi(result, bytes[at]);
  return result;
}

uint32_t crc_slow(uint32_t crc, std::span<const uint8_t> bytes) {
  static constexpr std::array<uint32_t, 256> table = make_table();
  for (const uint8_t byte : bytes) crc = (crc >> 8) ^ table[(crc ^ byte) & 0xff];
  return crc;
}

uint32_t crc_of(uint32_t type, std::span<const uint8_t> payload) {
  const uint64_t length = payload.size();
  uint32_t crc = crc32c(0, {reinterpret_cast<const uint8_t*>(&type), sizeof type});
  crc = crc32c(crc, {reinterpret_cast<const uint8_t*>(&length), sizeof length});
  return crc32c(crc, payload);
}

bool read_whole(int fd, void* out, size_t length, uint64_t at) {
  for (auto* to = static_cast<uint8_t*>(out); length > 0;) {
    const ssize_t n = pread(fd, to, length, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    to += n, at += static_cast<uint64_t>(n), length -= static_cast<size_t>(n);
  }
  return true;
}

// 0, or errno.
int write_all(int fd, std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? errno : EIO;
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
  return 0;
}

}  // namespace

uint32_t crc32c(uint32_t seed, std::span<const uint8_t> bytes) {
  static const bool is_fast = __builtin_cpu_supports("sse4.2");
  return ~(is_fast ? crc_fast(~seed, bytes) : crc_slow(~seed, bytes));
}

ChunkWriter::ChunkWriter(const std::string& path) : fd_(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) {
  if (!fd_.is_open()) throw EngineError("RECORDING", "make " + path, errno, "");
  if (const int error = write_all(fd_.get(), {reinterpret_cast<const uint8_t*>(magic), sizeof magic}))
    throw EngineError("RECORDING", "write " + path, error, "");
  size_ = sizeof magic;
}

int ChunkWriter::append(ChunkType type, std::span<const uint8_t> payload) {
  const auto number = static_cast<uint32_t>(type);
  const ChunkHead head{number, payload.size(), crc_of(number, payload)};
  if (const int error = write_all(fd_.get(), {reinterpret_cast<const uint8_t*>(&head), sizeof head})) return error;
  if (const int error = write_all(fd_.get(), payload)) return error;
  size_ += sizeof head + payload.size();
  return 0;
}

ChunkReader::ChunkReader(const std::string& path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  struct stat status{};
  if (!fd_.is_open() || fstat(fd_.get(), &status) != 0) throw EngineError("RECORDING", "open " + path, errno, "");
  size_ = static_cast<uint64_t>(status.st_size);
  char start[sizeof magic] = {};
  if (!S_ISREG(status.st_mode) || !read_whole(fd_.get(), start, sizeof start, 0) || memcmp(start, magic, sizeof magic) != 0)
    throw EngineError("RECORDING", "open " + path, 0, "it is no recording of this version");
  at_ = sizeof magic;
}

std::optional<ChunkReader::Chunk> ChunkReader::next() {
  ChunkHead head;
  if (!read_whole(fd_.get(), &head, sizeof head, at_)) return std::nullopt;
  if (head.length > size_ || head.length > size_ - at_ || head.type == 0 || head.type > static_cast<uint32_t>(last_chunk_type)) return std::nullopt;
  payload_.resize(static_cast<size_t>(head.length));
  if (!read_whole(fd_.get(), payload_.data(), payload_.size(), at_ + sizeof head) || crc_of(head.type, payload_) != head.crc) return std::nullopt;
  at_ += sizeof head + head.length;
  return Chunk{static_cast<ChunkType>(head.type), payload_};
}

}  // namespace fred
