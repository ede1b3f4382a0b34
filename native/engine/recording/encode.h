// Events and states as bytes. States are written as what differs from the state before them.
#pragma once

#include <map>
#include <vector>

#include "engine/checkpoint/checkpoint.h"
#include "engine/log/event.h"
#include "engine/record/file_pages.h"
#include "engine/recording/bytes.h"

namespace fred {

// Of mapped files: numbers in the recording ↔ the engine's descriptors. -1: none.
using FileNumbers = std::map<int, int>;

// `file`: the number of event.file in the recording.
void encode_event(ByteWriter& out, const Event& event, int file);
// A state that an event is bound to must have come before. `files`: descriptors by number.
Event decode_event(ByteReader& in, const std::map<CheckpointId, CheckpointRef>& states, const FileNumbers& files);

void encode_state(ByteWriter& out, const Checkpoint& state, const MemoryImage& before);
CheckpointRef decode_state(ByteReader& in, const MemoryImage& before);

void encode_ending(ByteWriter& out, const std::optional<Ending>& ending);
std::optional<Ending> decode_ending(ByteReader& in);

void encode_pages(ByteWriter& out, const FilePages& pages);
FilePages decode_pages(ByteReader& in);

}  // namespace fred
