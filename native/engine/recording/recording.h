// A recording as it is read from disk: everything a session needs to stand anywhere in it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/recording/encode.h"
#include "engine/recording/recorded_file.h"
#include "engine/recording/recorder.h"

namespace fred {

struct Recording {
  RecordingHeader header;
  std::map<std::pair<uint64_t, uint64_t>, Fd> files;  // by device and inode, as the regions name them
  std::vector<EventRef> events;
  std::vector<CheckpointRef> states;                  // in the order of recording; the first is the program's start
  std::map<EventRef, std::map<uint64_t, PageRef>> shown;
  std::optional<Ending> ending;
  bool is_whole = false;  // it was finished; otherwise it ends where its writer died
  size_t thread_count = 1;
  uint64_t bytes = 0;
};

// Throws EngineError "RECORDING" when there is none, or it is damaged, or of another machine; "RECORDING_FILE" when a mapped file is
// not what it was.
Recording load_recording(const std::string& directory);

struct RecordingSummary {
  RecordingHeader header;
  uint64_t events = 0, states = 0, bytes = 0;
  uint64_t cpu_ns = 0;  // of the last state
  std::optional<Ending> ending;
  bool is_whole = false;
  std::vector<RecordedFile> files;
};
// Without the files that the program had mapped: they need not be there.
RecordingSummary summarise_recording(const std::string& directory);

// Keeps a copy of every mapped file in the recording; returns the number of files that were copied.
size_t pack_recording(const std::string& directory);

}  // namespace fred
