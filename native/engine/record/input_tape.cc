// What was read, found by how much of it was taken.
#include "engine/record/input_tape.h"

#include <algorithm>

namespace fred {

void InputTape::add(uint64_t file, const EventRef& event) {
  Reads& reads = files_[file];
  reads.all.push_back({reads.total, event});
  reads.total.add(event->result);
}

bool InputTape::has_more(uint64_t file, const Consumed& taken) const {
  auto found = files_.find(file);
  return found != files_.end() && (taken.bytes < found->second.total.bytes || taken.ends < found->second.total.ends);
}

std::vector<uint8_t> InputTape::next(uint64_t file, const Consumed& taken) const {
  const std::vector<Read>& all = files_.at(file).all;
  // The last read that begins where this one would, or before: an end of file stands before what follows it.
  auto after = std::upper_bound(all.begin(), all.end(), taken, [](const Consumed& a, const Read& b) {
    return a.bytes != b.before.bytes ? a.bytes < b.before.bytes : a.ends < b.before.ends;
  });
  const Read& read = *std::prev(after);
  std::vector<uint8_t> bytes;
  for (const MemoryWrite& write : read.event->writes) bytes.insert(bytes.end(), write.bytes.begin(), write.bytes.end());
  bytes.resize(static_cast<size_t>(read.event->result));
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(taken.bytes - read.before.bytes));
  return bytes;
}

}  // namespace fred
