// The tracee's whole memory as an immutable image: brought up to date, compared, and written back in place.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
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
  // Ranges (start, end) that a call of another thread wrote to at some time before: not compared.
  std::vector<std::pair<uint64_t, uint64_t>> unsettled;
};

// Keeps mapped files reachable after the program closed or removed them: one read-only descriptor per file.
class FileKeeper {
 public:
  // Returns a descriptor of the engine's own process, or -1.
  int keep(int pid, const Vma& vma);
  // The file behind a descriptor of the tracee.
  int keep_descriptor(int pid, int fd);
  void adopt(uint64_t device, uint64_t inode, Fd fd) { files_.insert_or_assign({device, inode}, std::move(fd)); }
  // Whether files without a name (shared anonymous memory, System V segments) can be kept: root may do so.
  static bool can_keep_nameless(int pid);
  // One that is kept, or -1.
  int find(uint64_t inode) const;

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
  // A region that ends there was mapped with MAP_GROWSDOWN, which /proc/PID/maps does not tell.
  void note_growing(uint64_t end) { growing_.insert(end); }
  void set_program_break(uint64_t address) { image_.program_break = address; }
  // The kernel's break of this process is not the program's: its heap is then memory like any other.
  void emulate_break() { has_kernel_break_ = false; }
  // Makes the break what a call had made it; returns where it is then, or -errno.
  int64_t move_break(uint64_t address);
  // Pages of mappings of a file that a system call may have changed: the trackers see what is written through memory only.
  // Returns those that it has changed.
  std::vector<std::pair<uint64_t, PageRef>> refresh_file(uint64_t inode, uint64_t start, uint64_t end);
  // Adds to the image what memory is known to show. Precondition: it is up to date.
  void amend(const std::function<void(MemoryImage&)>& change) { change(image_); }
  // Makes a page of a file mapping show something else than the file has.
  void show(uint64_t address, const PageRef& page);
  // In the state that `wanted` is of: pages that were made to show what the file has by now show the file again.
  void show_files(const MemoryImage& wanted);
  std::string tracker_name() const { return tracker_->name(); }
  FileKeeper& files() { return files_; }

 private:
  struct Range {
    uint64_t start, end;
  };
  std::vector<uint64_t> dirty_pages(const std::vector<Vma>& vmas, bool reset);
  void drop_forgotten();
  std::vector<Range> restore_regions(const std::vector<Vma>& wanted);
  void grow_stack(std::vector<Vma>& now, const std::vector<Vma>& wanted);
  void map_region(const Vma& vma, uint64_t start, uint64_t end);
  void substitute(uint64_t address, const PageRef& page);
  bool write_protected(const Vma& vma, uint64_t address, const PageRef& page);
  bool shows_file(const Vma& vma, uint64_t address, const PageRef& page);
  void write_back(const std::vector<uint64_t>& addresses, const MemoryImage& wanted);

  Tracee& tracee_;
  MemoryImage image_;
  std::vector<Range> forgotten_;
  std::set<uint64_t> growing_;  // ends of regions that grow downwards
  std::set<uint64_t> shown_;    // pages that may show something else than their file
  bool is_shown_anew_ = false;  // some of them since the last restore
  bool has_kernel_break_ = true;
  bool has_shown_ = false;      // ever: states that were saved in a replay may have private memory in place of a file
  std::unique_ptr<DirtyTracker> tracker_;
  FileKeeper files_;
};

}  // namespace fred
