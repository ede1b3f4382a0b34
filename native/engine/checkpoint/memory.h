// The tracee's whole memory as an immutable image: brought up to date, compared, and written back in place.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "engine/checkpoint/dirty_tracker.h"
#include "engine/checkpoint/page_index.h"
#include "engine/tracee/maps.h"

namespace fred {

// Everything that memory is, at one position.
struct MemoryImage {
  PageIndex pages;
  std::shared_ptr<const std::vector<Vma>> vmas;
  uint64_t program_break = 0;
};

// Keeps mapped files reachable after the program closed or removed them: one read-only descriptor per file.
class FileKeeper {
 public:
  // Returns a descriptor of the engine's own process, or -1.
  int keep(int pid, const Vma& vma);
  // The file behind a descriptor of the tracee.
  int keep_descriptor(int pid, int fd);
  // Opens what a descriptor of the engine's stands for inside the tracee. The tracee's descriptor or -errno.
  static int64_t open_in(Tracee& tracee, int fd, int flags);

 private:
  std::map<std::pair<uint64_t, uint64_t>, Fd> files_;
};

// Precondition of all calls: the tracee is stopped, no breakpoint is inserted.
class Memory {
 public:
  Memory(Tracee& tracee, const std::string& tracker);

  // Brings the image up to date; returns how many pages were read.
  size_t sync();
  const MemoryImage& image() const { return image_; }
  // True when memory now equals `wanted`; looks only at pages that can differ.
  bool equals(const MemoryImage& wanted);
  // In place. Afterwards the image is `wanted`.
  void restore(const MemoryImage& wanted);
  // The program unmapped, remapped or dropped this range since the last sync: nothing known of it holds any more.
  void forget(uint64_t start, uint64_t end);
  // The program has mapped something: track it from its first write on.
  void watch_new() { tracker_->watch(tracee_.maps()); }
  void set_program_break(uint64_t address) { image_.program_break = address; }
  std::string tracker_name() const { return tracker_->name(); }
  FileKeeper& files() { return files_; }

 private:
  struct Range {
    uint64_t start, end;
  };
  void drop_forgotten();
  std::vector<Range> restore_regions(const std::vector<Vma>& wanted);
  void map_region(const Vma& vma, uint64_t start, uint64_t end);
  void write_back(const std::vector<uint64_t>& addresses, const MemoryImage& wanted);

  Tracee& tracee_;
  MemoryImage image_;
  std::vector<Range> forgotten_;
  std::unique_ptr<DirtyTracker> tracker_;
  FileKeeper files_;
};

}  // namespace fred
