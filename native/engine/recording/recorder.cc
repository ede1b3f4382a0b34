// The recording's directory: `log`, and copies of mapped files beside it.
#include "engine/recording/recorder.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstring>

namespace fred {
namespace {

// Events wait until there are so many, or a state comes.
constexpr size_t most_waiting_bytes = 64 * 1024;

bool maps_shared(const Event& event) {
  return event.number == SYS_mmap && (event.arguments[3] & MAP_TYPE) != MAP_PRIVATE;
}

}  // namespace

void encode_header(ByteWriter& out, const RecordingHeader& header) {
  out.put(header.version);
  out.put(header.origin);
  out.put(header.parent);
  out.put(header.xstate_bytes);
  out.put(header.started_ns);
  out.put(header.pid);
  out.put(header.cpu);
  out.put_string(header.path);
  out.put(static_cast<uint64_t>(header.argv.size()));
  for (const std::string& word : header.argv) out.put_string(word);
  out.put_string(header.cwd);
  out.put_bytes(header.auxiliary_vector);
}

RecordingHeader decode_header(ByteReader& in) {
  RecordingHeader header;
  header.version = in.take<uint32_t>();
  if (header.version != recording_version) ByteReader::fail("the version " + std::to_string(header.version));
  header.origin = in.take_enum(Origin::attach);
  header.parent = in.take<uint32_t>();
  header.xstate_bytes = in.take<uint64_t>();
  header.started_ns = in.take<int64_t>();
  header.pid = in.take<int>();
  header.cpu = in.take<int>();
  header.path = in.take_string();
  header.argv.resize(in.take_count());
  for (std::string& word : header.argv) word = in.take_string();
  header.cwd = in.take_string();
  const auto vector = in.take_bytes();
  header.auxiliary_vector.assign(vector.begin(), vector.end());
  return header;
}

std::string Recorder::make_directory(const std::string& recording, Origin origin) {
  if (mkdir(recording.c_str(), 0700) != 0 && errno != EEXIST) throw EngineError("RECORDING", "make the folder " + recording, errno, "");
  for (;; timeline_++) {
    const std::string directory = recording + "/" + std::to_string(timeline_);
    if (mkdir(directory.c_str(), 0700) == 0) return directory;
    if (errno != EEXIST || origin == Origin::launch) throw EngineError("RECORDING", "make the folder " + directory, errno, "");
  }
}

Recorder::Recorder(const std::string& recording, const RecordingHeader& header, uint64_t most_bytes, FindFile find_file)
    : directory_(make_directory(recording, header.origin)),
      writer_(directory_ + "/log"),
      find_file_(std::move(find_file)),
      most_bytes_(most_bytes),
      started_ns_(header.started_ns) {
  ByteWriter out;
  encode_header(out, header);
  attempt([&] { write(ChunkType::header, out.bytes()); });
  if (!failure_.empty()) throw EngineError("RECORDING", "write " + directory_, 0, failure_);
}

Recorder::~Recorder() {
  attempt([&] { flush(); });
}

void Recorder::attempt(const std::function<void()>& work) {
  if (is_over()) return;
  try {
    work();
  } catch (const EngineError& error) {
    failure_ = error.what();
  }
}

void Recorder::write(ChunkType type, std::span<const uint8_t> payload) {
  if (most_bytes_ != 0 && bytes() + payload.size() > most_bytes_) throw EngineError("RECORDING", "it has reached its largest size", 0, "");
  if (const int error = writer_.append(type, payload)) throw EngineError("RECORDING", "write " + directory_, error, "");
}

void Recorder::flush() {
  if (events_.size() == 0) return;
  write(ChunkType::events, events_.bytes());
  events_.clear();
}

int Recorder::number_of(int fd, const Vma* vma, bool may_change) {
  if (fd < 0) return -1;
  const auto known = files_.find(fd);
  if (known != files_.end() && (!may_change || known->second.kind != RecordedFile::Kind::reference)) return known->second.number;
  RecordedFile file = describe_file(fd, may_change, started_ns_);
  file.number = known != files_.end() ? known->second.number : static_cast<int>(files_.size());
  const Vma identity = vma ? *vma : file.kind == RecordedFile::Kind::blank ? Vma() : mapped_identity(fd);
  file.device = identity.device;
  file.inode = identity.inode;
  if (file.kind == RecordedFile::Kind::copy) {
    copy_file(fd, path_of_copy(directory_, file.number));
    copied_bytes_ += file.size;
  }
  flush();
  ByteWriter out;
  encode_file(out, file);
  write(ChunkType::file, out.bytes());
  files_[fd] = file;
  return file.number;
}

void Recorder::add(const EventRef& event) {
  attempt([&] {
    if (event->detail && event->detail->anchor) add(std::const_pointer_cast<Checkpoint>(event->detail->anchor));
    const int file = number_of(event->file, nullptr, event->file >= 0 && maps_shared(*event));
    encode_event(events_, *event, file);
    event_count_++;
    if (events_.size() >= most_waiting_bytes || event->kind == EventKind::exit) flush();
  });
}

void Recorder::add(const CheckpointRef& state) {
  attempt([&] {
    if (!states_.insert(state->info.id).second) return;
    if (state->memory.vmas != seen_regions_) {
      for (const Vma& vma : *state->memory.vmas)
        if (vma.is_file() && seen_.insert({vma.device, vma.inode, vma.is_shared}).second) number_of(find_file_(vma), &vma, vma.is_shared);
      seen_regions_ = state->memory.vmas;
    }
    flush();
    ByteWriter out;
    encode_state(out, *state, last_);
    write(ChunkType::state, out.bytes());
    last_ = state->memory;
  });
}

void Recorder::add_shown(const FilePages& pages) {
  attempt([&] {
    flush();
    ByteWriter out;
    out.put(event_count_ - 1);
    encode_pages(out, pages);
    write(ChunkType::shown, out.bytes());
  });
}

void Recorder::add_file_pages(int fd, const FilePages& pages, const std::function<void(MemoryImage&)>& change) {
  attempt([&] {
    const int number = number_of(fd, nullptr, true);
    flush();
    ByteWriter out;
    out.put(number);
    encode_pages(out, pages);
    write(ChunkType::file_pages, out.bytes());
    if (last_.vmas) change(last_);
  });
}

void Recorder::finish(const std::optional<Ending>& ending) {
  attempt([&] {
    flush();
    ByteWriter out;
    encode_ending(out, ending);
    write(ChunkType::end, out.bytes());
  });
  is_finished_ = true;
}

}  // namespace fred
