// Reading a recording. Nothing in it is trusted: numbers are checked before they are used as indices or sizes.
#include "engine/recording/recording.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace fred {
namespace {

constexpr ThreadId most_threads = 1 << 20;

// A file that is told again (it began to change) takes the place of what was told of it before.
std::map<int, RecordedFile> read_files(const std::string& path) {
  std::map<int, RecordedFile> files;
  ChunkReader reader(path);
  while (const auto chunk = reader.next()) {
    if (chunk->type != ChunkType::file) continue;
    ByteReader in(chunk->payload);
    const RecordedFile file = decode_file(in);
    files[file.number] = file;
  }
  return files;
}

class Loader {
 public:
  explicit Loader(const std::string& directory) : directory_(directory), reader_(directory + "/log") {}

  Recording load() {
    open_files();
    while (const auto chunk = reader_.next()) {
      ByteReader in(chunk->payload);
      read(chunk->type, in);
    }
    recording_.bytes = reader_.size();
    if (recording_.states.empty()) ByteReader::fail("no state");
    if (recording_.states.front()->info.event != 0) ByteReader::fail("no start");
    check();
    return std::move(recording_);
  }

 private:
  struct Identity {
    uint64_t device, inode;
    std::string name;
  };

  void read(ChunkType type, ByteReader& in) {
    if (type == ChunkType::header) {
      recording_.header = decode_header(in);
      has_header_ = true;
      return;
    }
    if (!has_header_) ByteReader::fail("no header");
    switch (type) {
      case ChunkType::events:
        while (!in.is_empty()) recording_.events.push_back(std::make_shared<const Event>(decode_event(in, states_, descriptors_)));
        break;
      case ChunkType::state: read_state(in); break;
      case ChunkType::shown: read_shown(in); break;
      case ChunkType::file_pages: read_file_pages(in); break;
      case ChunkType::end:
        recording_.is_whole = true;
        recording_.ending = decode_ending(in);
        break;
      default: break;
    }
  }

  void open_files() {
    for (const auto& [number, file] : read_files(directory_ + "/log")) {
      Fd fd = open_recorded(directory_, file);
      descriptors_[number] = fd.get();
      identify({file.device, file.inode}, std::move(fd), file.kind == RecordedFile::Kind::blank);
    }
  }

  void identify(std::pair<uint64_t, uint64_t> recorded, Fd fd, bool is_blank) {
    const Vma now = mapped_identity(fd.get());
    if (recorded.second != 0 || !is_blank) identities_[recorded] = {now.device, now.inode, now.name};
    recording_.files[{now.device, now.inode}] = std::move(fd);
  }

  // Regions as the kernel will name them here.
  std::shared_ptr<const std::vector<Vma>> here(const std::vector<Vma>& recorded) {
    std::vector<Vma> vmas = recorded;
    for (Vma& vma : vmas) {
      if (!vma.is_file()) {
        if (vma.is_heap()) vma.name.clear();
        continue;
      }
      const std::pair key{vma.device, vma.inode};
      if (!identities_.contains(key)) identify(key, open_recorded(directory_, {.kind = RecordedFile::Kind::blank, .path = vma.name}), false);
      const Identity& identity = identities_.at(key);
      vma.device = identity.device;
      vma.inode = identity.inode;
      vma.name = identity.name;
    }
    return std::make_shared<const std::vector<Vma>>(join_neighbours(std::move(vmas)));
  }

  void read_state(ByteReader& in) {
    const auto regions_before = last_recorded_.vmas;
    CheckpointRef state = decode_state(in, last_recorded_);
    last_recorded_ = state->memory;
    if (state->memory.vmas != regions_before) last_here_ = here(*state->memory.vmas);
    state->memory.vmas = last_here_;
    if (state->info.event != recording_.events.size()) ByteReader::fail("a state at another place than its own");
    if (!states_.emplace(state->info.id, state).second) ByteReader::fail("two states with one number");
    recording_.states.push_back(std::move(state));
  }

  void read_shown(ByteReader& in) {
    const auto event = in.take<uint64_t>();
    if (event >= recording_.events.size()) ByteReader::fail("pages of no event");
    auto& shown = recording_.shown[recording_.events[event]];
    for (auto& [address, page] : decode_pages(in)) shown[address] = page;
  }

  void read_file_pages(ByteReader& in) {
    const auto file = descriptors_.find(in.take<int>());
    if (file == descriptors_.end()) ByteReader::fail("pages of no file");
    const FilePages pages = decode_pages(in);
    struct stat status{};
    fstat(file->second, &status);
    const auto inode = static_cast<uint64_t>(status.st_ino);
    MemoryImage last = last_recorded_;
    last.vmas = last_here_;
    if (last.vmas) add_file_pages(last, inode, pages);
    last_recorded_.pages = last.pages;
    for (const auto& [id, state] : states_) add_file_pages(state->memory, inode, pages);
    for (const EventRef& event : recording_.events)
      if (event->number == SYS_mmap && event->file == file->second) add_mapped_pages(recording_.shown[event], *event, pages);
  }

  void check() {
    uint32_t threads = 1;
    const auto see = [&](ThreadId id) {
      if (id >= most_threads) ByteReader::fail("too many threads");
      threads = std::max(threads, id + 1);
    };
    for (const EventRef& event : recording_.events) {
      see(event->thread);
      see(event->other);
      const bool needs_detail = event->kind == EventKind::signal || event->kind == EventKind::patch || event->place == SignalPlace::anchored ||
                                (event->kind == EventKind::delivery && event->outcome == Outcome::handler) || event->other != 0;
      const bool is_turn = event->kind == EventKind::turn && event->place != SignalPlace::anchored;
      if (needs_detail && !is_turn && !event->detail) ByteReader::fail("an event without what it needs");
      const bool needs_state = event->kind == EventKind::patch || event->place == SignalPlace::anchored;
      if (needs_state && !event->detail->anchor) ByteReader::fail("an event that is bound to no state");
    }
    for (const CheckpointRef& state : recording_.states) {
      for (const auto& [id, thread] : state->threads) see(id);
      see(state->thread);
    }
    recording_.thread_count = threads;
  }

  std::string directory_;
  ChunkReader reader_;
  Recording recording_;
  bool has_header_ = false;
  std::map<CheckpointId, CheckpointRef> states_;
  FileNumbers descriptors_;
  std::map<std::pair<uint64_t, uint64_t>, Identity> identities_;  // by device and inode as recorded
  MemoryImage last_recorded_;                                     // of the last state, with the regions as recorded
  std::shared_ptr<const std::vector<Vma>> last_here_;
};

}  // namespace

Recording load_recording(const std::string& directory) { return Loader(directory).load(); }

RecordingSummary summarise_recording(const std::string& directory) {
  RecordingSummary summary;
  ChunkReader reader(directory + "/log");
  std::map<int, RecordedFile> files;
  bool has_header = false;
  while (const auto chunk = reader.next()) {
    ByteReader in(chunk->payload);
    switch (chunk->type) {
      case ChunkType::header:
        summary.header = decode_header(in);
        has_header = true;
        break;
      case ChunkType::file: {
        const RecordedFile file = decode_file(in);
        files[file.number] = file;
        break;
      }
      case ChunkType::state: {
        in.take<CheckpointId>();
        in.take<CheckpointKind>();
        summary.events = in.take<uint64_t>();
        in.take<uint64_t>();
        summary.cpu_ns = in.take<uint64_t>();
        summary.states++;
        break;
      }
      case ChunkType::end:
        summary.is_whole = true;
        summary.ending = decode_ending(in);
        break;
      default: break;
    }
  }
  if (!has_header) ByteReader::fail("no header");
  summary.bytes = reader.size();
  for (const auto& [number, file] : files) summary.files.push_back(file);
  return summary;
}

size_t pack_recording(const std::string& directory) {
  const std::string log = directory + "/log", fresh = log + ".new";
  size_t count = 0;
  std::map<int, RecordedFile> files = read_files(log);
  for (auto& [number, file] : files) {
    if (file.kind != RecordedFile::Kind::reference) continue;
    const Fd fd = open_recorded(directory, file);
    copy_file(fd.get(), path_of_copy(directory, number));
    file.kind = RecordedFile::Kind::copy;
    count++;
  }
  if (count == 0) return 0;
  unlink(fresh.c_str());
  {
    ChunkReader reader(log);
    ChunkWriter writer(fresh);
    const auto write = [&](ChunkType type, std::span<const uint8_t> payload) {
      if (const int error = writer.append(type, payload)) throw EngineError("RECORDING", "write " + fresh, error, "");
    };
    while (const auto chunk = reader.next()) {
      if (chunk->type != ChunkType::file) {
        write(chunk->type, chunk->payload);
        continue;
      }
      ByteReader in(chunk->payload);
      ByteWriter out;
      encode_file(out, files.at(decode_file(in).number));
      write(chunk->type, out.bytes());
    }
  }
  if (rename(fresh.c_str(), log.c_str()) != 0) throw EngineError("RECORDING", "rename " + fresh, errno, "");
  return count;
}

}  // namespace fred
