// Writes a session down while it runs. What cannot be written ends the recording, never the program.
#pragma once

#include <chrono>
#include <functional>
#include <set>
#include <string>

#include "engine/recording/chunk_file.h"
#include "engine/recording/encode.h"
#include "engine/recording/recorded_file.h"

namespace fred {

constexpr uint32_t recording_version = 1;

struct RecordingHeader {
  uint32_t version = recording_version;
  Origin origin = Origin::launch;
  uint32_t parent = 0;     // the timeline it has come from
  uint64_t xstate_bytes = 0;
  int64_t started_ns = 0;  // CLOCK_REALTIME
  int pid = 0;             // as the program knows itself
  int cpu = -1;            // that it ran on
  std::string path;
  std::vector<std::string> argv;
  std::string cwd;
  std::vector<uint8_t> auxiliary_vector;
};
void encode_header(ByteWriter& out, const RecordingHeader& header);
RecordingHeader decode_header(ByteReader& in);

class Recorder {
 public:
  // The descriptor of ours for a region's file, or -1.
  using FindFile = std::function<int(const Vma&)>;
  // A recording is a folder with a folder for each timeline: 0 is the program that was started, the next numbers are what it has
  // executed and its children. Throws EngineError "RECORDING" when the folder cannot be made, or there is a recording already where
  // one is to begin. `most_bytes` 0: no limit.
  Recorder(const std::string& recording, const RecordingHeader& header, uint64_t most_bytes, FindFile find_file);
  ~Recorder();

  // In the order of the log; a state before the event that is bound to it.
  void add(const EventRef& event);
  void add(const CheckpointRef& state);
  void add_shown(const FilePages& pages);  // after the last event
  // Parts of a mapped file that is about to change, as they were; `change` does the same to an image.
  void add_file_pages(int fd, const FilePages& pages, const std::function<void(MemoryImage&)>& change);
  // The program is over, or nothing more comes.
  void finish(const std::optional<Ending>& ending);

  const std::string& directory() const { return directory_; }
  uint32_t timeline() const { return timeline_; }
  uint64_t bytes() const { return writer_.size() + copied_bytes_; }
  uint64_t event_count() const { return event_count_; }
  uint64_t state_count() const { return states_.size(); }
  // Why it ended early; empty: it did not.
  const std::string& failure() const { return failure_; }

 private:
  bool is_over() const { return is_finished_ || !failure_.empty(); }
  int number_of(int fd, const Vma* vma, bool may_change);
  std::string make_directory(const std::string& recording, Origin origin);
  void write(ChunkType type, std::span<const uint8_t> payload);
  void flush();
  void attempt(const std::function<void()>& work);

  uint32_t timeline_ = 0;
  std::string directory_;
  ChunkWriter writer_;
  FindFile find_file_;
  uint64_t most_bytes_;
  int64_t started_ns_;
  std::map<int, RecordedFile> files_;                  // by descriptor
  std::set<std::tuple<uint64_t, uint64_t, bool>> seen_;  // regions whose file is known: device, inode, shared
  std::shared_ptr<const std::vector<Vma>> seen_regions_;
  std::set<CheckpointId> states_;
  MemoryImage last_;                                   // of the last state written
  ByteWriter events_;                                  // not written yet
  uint64_t event_count_ = 0;
  uint64_t copied_bytes_ = 0;
  bool is_finished_ = false;
  std::string failure_;
};

}  // namespace fred
