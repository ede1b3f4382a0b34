// A file of checked pieces that is only ever appended to: whoever dies when, what was finished can be read.
//
// The file: 8 bytes of magic, then chunks. A chunk: its type (u32), the length of its payload (u64), the CRC-32C of both and of the
// payload (u32), the payload. A chunk that is cut or damaged ends the readable part.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/tracee/tracee.h"

namespace fred {

enum class ChunkType : uint32_t {
  header = 1,  // how the program was started: RecordingHeader
  file,        // a file that is mapped: RecordedFile
  events,      // some events, in their order
  state,       // a position: a Checkpoint, as what differs from the state before it in the file
  shown,       // pages of mapped files as an event left them
  file_pages,  // parts of a mapped file as they were before they changed: every state and mapping so far showed them
  end          // the program's end, or the recording's
};
constexpr ChunkType last_chunk_type = ChunkType::end;

uint32_t crc32c(uint32_t seed, std::span<const uint8_t> bytes);

class ChunkWriter {
 public:
  // Throws EngineError "RECORDING" with errno when the file cannot be made, or exists.
  explicit ChunkWriter(const std::string& path);
  // errno when it could not be written whole; what is there then counts as a cut chunk. 0: done.
  int append(ChunkType type, std::span<const uint8_t> payload);
  uint64_t size() const { return size_; }

 private:
  Fd fd_;
  uint64_t size_ = 0;
};

class ChunkReader {
 public:
  struct Chunk {
    ChunkType type;
    std::span<const uint8_t> payload;  // valid until the next call
  };
  // Throws EngineError "RECORDING" when the file is none of ours.
  explicit ChunkReader(const std::string& path);
  // Nothing: the end of the readable part.
  std::optional<Chunk> next();
  // The readable part is not the whole file.
  bool is_cut() const { return at_ < size_; }
  uint64_t size() const { return size_; }

 private:
  Fd fd_;
  std::vector<uint8_t> payload_;
  uint64_t size_ = 0;
  uint64_t at_ = 0;
};

}  // namespace fred
