// Mapped files of a recording: told by where they are and what they hold, or kept as a copy.
#pragma once

#include <string>

#include "engine/recording/bytes.h"
#include "engine/tracee/maps.h"
#include "engine/tracee/tracee.h"

namespace fred {

struct RecordedFile {
  enum class Kind : uint8_t {
    reference,  // found again at `path`, with the same size and contents
    copy,       // kept in the recording: it could change or go away
    blank       // a device, or nothing that can be read: zeros, until the program writes there
  };
  int number = 0;
  Kind kind = Kind::reference;
  uint64_t device = 0, inode = 0;  // as regions name it
  std::string path;                // as the program knew it
  uint64_t size = 0;
  uint32_t crc = 0;                // of a reference's contents
};

void encode_file(ByteWriter& out, const RecordedFile& file);
RecordedFile decode_file(ByteReader& in);

// What is to be kept of the file behind a descriptor of ours. `may_change`: it is written through memory, or by calls.
// `since_ns`: files that changed after that time (CLOCK_REALTIME) may change again.
RecordedFile describe_file(int fd, bool may_change, int64_t since_ns);
// Throws EngineError "RECORDING".
void copy_file(int fd, const std::string& to);

std::string path_of_copy(const std::string& directory, int number);

// A descriptor of ours through which replay maps the file; nothing it does there reaches the file itself.
// Throws EngineError "RECORDING_FILE" when a reference is no more what it was.
Fd open_recorded(const std::string& directory, const RecordedFile& file);
// Device and inode of the file as regions name it: not always what stat tells.
Vma mapped_identity(int fd);

}  // namespace fred
