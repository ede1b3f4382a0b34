// Memory: sync (tracee → image), equals, restore (image → tracee).
#include "engine/checkpoint/memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "engine/engine.h"
#include "engine/tracee/descriptors.h"
#include "engine/tracee/raised_limit.h"

namespace fred {
namespace {

uint64_t device_of(const struct stat& status) {
  return (static_cast<uint64_t>(major(status.st_dev)) << 32) | minor(status.st_dev);
}

bool maps_the_same(const Vma& a, uint64_t at, const Vma& b) {
  if (a.is_shared != b.is_shared || a.inode != b.inode || a.device != b.device) return false;
  if (a.is_file() && a.offset + (at - a.start) != b.offset + (at - b.start)) return false;
  return a.is_stack() == b.is_stack();
}

// Whatever its name is, or was.
Fd open_mapped(int pid, const Vma& vma) {
  char range[64];
  snprintf(range, sizeof range, "%lx-%lx", vma.start, vma.end);
  return Fd(open(("/proc/" + std::to_string(pid) + "/map_files/" + range).c_str(), O_RDONLY | O_CLOEXEC));
}

}  // namespace

int FileKeeper::keep(int pid, const Vma& vma) {
  auto key = std::make_pair(vma.device, vma.inode);
  if (auto known = files_.find(key); known != files_.end()) return known->second.get();
  Fd fd = open_mapped(pid, vma);
  if (!fd.is_open()) fd = Fd(open(("/proc/" + std::to_string(pid) + "/root" + vma.name).c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (!fd.is_open() || fstat(fd.get(), &status) != 0 || status.st_ino != vma.inode) return -1;
  return files_.emplace(key, std::move(fd)).first->second.get();
}

bool FileKeeper::can_keep_nameless(int pid) {
  for (const Vma& vma : read_maps(pid, {})) {
    if (vma.is_file()) return open_mapped(pid, vma).is_open();
  }
  return false;
}

int FileKeeper::keep_descriptor(int pid, int number) {
  Fd fd(open(("/proc/" + std::to_string(pid) + "/fd/" + std::to_string(number)).c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (!fd.is_open() || fstat(fd.get(), &status) != 0) return -1;
  auto key = std::make_pair(device_of(status), static_cast<uint64_t>(status.st_ino));
  return files_.emplace(key, std::move(fd)).first->second.get();
}

int FileKeeper::find(uint64_t inode) const {
  for (const auto& [key, fd] : files_)
    if (key.second == inode) return fd.get();
  return -1;
}

Memory::Memory(Tracee& tracee, const std::string& tracker) : tracee_(tracee), tracker_(make_dirty_tracker(tracker, tracee)) {
  image_.program_break = static_cast<uint64_t>(tracee.inject(SYS_brk, {0}));
  tracker_->watch(tracee.maps());
}

int64_t Memory::move_break(uint64_t address) {
  if (has_kernel_break_) return tracee_.inject(SYS_brk, {address});
  const uint64_t old_end = page_of(image_.program_break + page_size - 1), end = page_of(address + page_size - 1);
  int64_t result = 0;
  if (end > old_end)
    result = tracee_.inject(SYS_mmap, {old_end, end - old_end, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE,
                                       static_cast<uint64_t>(-1), 0});
  else if (end < old_end)
    result = tracee_.inject(SYS_munmap, {end, old_end - end});
  return result < 0 ? result : static_cast<int64_t>(address);
}

void Memory::forget(uint64_t start, uint64_t end) { forgotten_.push_back({page_of(start), end}); }

// What is written through one view of shared memory changes in all: the kernel marks only the view it was written through.
std::vector<uint64_t> Memory::dirty_pages(const std::vector<Vma>& vmas, bool reset) {
  std::vector<uint64_t> pages = tracker_->dirty_pages(vmas, image_.pages, reset);
  std::map<std::pair<uint64_t, uint64_t>, std::vector<const Vma*>> views;
  for (const Vma& vma : vmas)
    if (vma.is_shared && vma.is_file()) views[{vma.device, vma.inode}].push_back(&vma);
  std::erase_if(views, [](const auto& each) { return each.second.size() < 2; });
  if (views.empty()) return pages;
  for (size_t i = 0, written = pages.size(); i < written; i++) {
    const Vma* vma = find_vma(vmas, pages[i]);
    const auto others = vma && vma->is_shared ? views.find({vma->device, vma->inode}) : views.end();
    if (others == views.end()) continue;
    const uint64_t offset = vma->offset + (pages[i] - vma->start);
    for (const Vma* other : others->second)
      if (other != vma && offset >= other->offset && offset - other->offset < other->end - other->start)
        pages.push_back(other->start + (offset - other->offset));
  }
  std::sort(pages.begin(), pages.end());
  pages.erase(std::unique(pages.begin(), pages.end()), pages.end());
  return pages;
}

void Memory::drop_forgotten() {
  for (const Range& range : forgotten_) image_.pages.erase(range.start, range.end);
  forgotten_.clear();
}

size_t Memory::sync() {
  auto vmas = tracee_.maps();
  bool have_changed = !image_.vmas || *image_.vmas != vmas;
  if (have_changed) {
    image_.vmas = std::make_shared<const std::vector<Vma>>(std::move(vmas));
    tracker_->watch(*image_.vmas);
    for (const Vma& vma : *image_.vmas)
      if (vma.is_file()) files_.keep(tracee_.pid(), vma);
  }
  drop_forgotten();
  std::vector<uint64_t> dirty = dirty_pages(*image_.vmas, true);
  std::vector<std::shared_ptr<Page>> pages(dirty.size());
  std::vector<uint8_t*> targets(dirty.size());
  for (size_t i = 0; i < dirty.size(); i++) {
    pages[i] = std::make_shared_for_overwrite<Page>();
    targets[i] = pages[i]->bytes.data();
  }
  tracee_.read_pages(dirty, targets);
  for (size_t i = 0; i < dirty.size(); i++) image_.pages.put(dirty[i], std::move(pages[i]));
  return dirty.size();
}

std::vector<std::pair<uint64_t, PageRef>> Memory::refresh_file(uint64_t inode, uint64_t start, uint64_t end) {
  std::vector<std::pair<uint64_t, PageRef>> changed;
  for (const Vma& vma : *image_.vmas) {
    if (vma.inode != inode) continue;
    const uint64_t last = std::min(end, vma.offset + (vma.end - vma.start));
    for (uint64_t offset = std::max(page_of(start), vma.offset); offset < last; offset += page_size) {
      const uint64_t address = vma.start + (offset - vma.offset);
      auto page = std::make_shared_for_overwrite<Page>();
      if (tracee_.read(address, page->bytes.data(), page_size) != page_size) {
        image_.pages.erase(address, address + page_size);
        continue;
      }
      const PageRef old = image_.pages.find(address);
      if (old && old->bytes == page->bytes) continue;
      image_.pages.put(address, page);
      changed.emplace_back(address, std::move(page));
    }
  }
  return changed;
}

// A page of a shared mapping that the program may only read, or one behind the end of its file, cannot be written by anybody. It is
// replaced by private memory; a restore to a state that has the file there maps it again.
void Memory::substitute(uint64_t address, const PageRef& page) {
  const std::vector<Vma> vmas = tracee_.maps();
  const Vma* vma = find_vma(vmas, address);
  if (!vma || write_protected(*vma, address, page)) return;
  const int64_t result = tracee_.inject(SYS_mmap, {address, page_size, static_cast<uint64_t>(vma->protection),
                                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, static_cast<uint64_t>(-1), 0});
  if (result < 0) throw EngineError("RESTORE", "mmap " + vma->name, static_cast<int>(-result), "");
  tracee_.write(address, page->bytes.data(), page_size);
  tracker_->watch(tracee_.maps());
}

// Shared memory that the program has only protected for now.
bool Memory::write_protected(const Vma& vma, uint64_t address, const PageRef& page) {
  const auto protection = static_cast<uint64_t>(vma.protection);
  if (tracee_.inject(SYS_mprotect, {address, page_size, protection | PROT_WRITE}) != 0) return false;
  const bool is_written = tracee_.write(address, page->bytes.data(), page_size) == page_size;
  tracee_.inject(SYS_mprotect, {address, page_size, protection});
  return is_written;
}

void Memory::show(uint64_t address, const PageRef& page) {
  shown_.insert(address);
  is_shown_anew_ = has_shown_ = true;
  if (tracee_.write(address, page->bytes.data(), page_size) != page_size) substitute(address, page);
}

void Memory::show_files(const MemoryImage& wanted) {
  if (is_shown_anew_ || (has_shown_ && tracee_.maps() != *wanted.vmas)) restore(wanted);
}

bool Memory::equals(const MemoryImage& wanted) {
  if (image_.program_break != wanted.program_break) return false;
  std::vector<uint64_t> candidates = dirty_pages(tracee_.maps(), false);
  PageIndex::for_each_difference(image_.pages, wanted.pages,
                                 [&](uint64_t page, const PageRef&, const PageRef&) { candidates.push_back(page); });
  for (const Range& range : forgotten_)
    wanted.pages.for_each(range.start, range.end, [&](uint64_t page, const PageRef&) { candidates.push_back(page); });
  // The stack first: it holds what loops count, so most states that are not the wanted one differ there.
  std::sort(candidates.begin(), candidates.end(), std::greater<>());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  static const Page zeros{};
  Page now;
  for (uint64_t address : candidates) {
    PageRef page = wanted.pages.find(address);
    // A page that the image does not hold is untouched: zeros, or what its file has.
    const Vma* vma = page ? nullptr : find_vma(*wanted.vmas, address);
    if (vma && vma->is_file()) continue;
    bool is_readable = tracee_.read(address, now.bytes.data(), page_size) == page_size;
    if (!is_readable) {
      if (page) return false;
      continue;
    }
    const uint8_t* then = page ? page->bytes.data() : zeros.bytes.data();
    for (const auto& [start, end] : wanted.unsettled) {
      const uint64_t from = std::max(start, address), until = std::min(end, address + page_size);
      if (from < until) memcpy(now.bytes.data() + (from - address), then + (from - address), until - from);
    }
    if (memcmp(now.bytes.data(), then, page_size) != 0) return false;
  }
  return true;
}

void Memory::map_region(const Vma& vma, uint64_t start, uint64_t end) {
  int flags = MAP_FIXED | (vma.is_shared ? MAP_SHARED : MAP_PRIVATE);
  const auto growing = vma.is_shared || vma.is_file() ? growing_.end() : growing_.upper_bound(start);
  if (growing != growing_.end() && *growing < end) {  // joined with what lies above it
    map_region(vma, start, *growing);
    return map_region(vma, *growing, end);
  }
  if (growing != growing_.end() && *growing <= vma.end) flags |= MAP_GROWSDOWN;
  uint64_t length = end - start, protection = static_cast<uint64_t>(vma.protection);
  int64_t result;
  int fd = vma.is_file() ? files_.keep(tracee_.pid(), vma) : -1;
  if (vma.is_file() && fd >= 0) {
    int64_t opened = open_in(tracee_, fd, vma.is_shared && (vma.protection & PROT_WRITE) ? O_RDWR : O_RDONLY);
    if (opened < 0) throw EngineError("RESTORE", "open " + vma.name, static_cast<int>(-opened), "");
    result = tracee_.inject(SYS_mmap, {start, length, protection, static_cast<uint64_t>(flags), static_cast<uint64_t>(opened),
                                       vma.offset + (start - vma.start)});
    tracee_.inject(SYS_close, {static_cast<uint64_t>(opened)});
  } else {
    result = tracee_.inject(SYS_mmap, {start, length, protection, static_cast<uint64_t>(flags | MAP_ANONYMOUS | MAP_NORESERVE),
                                       static_cast<uint64_t>(-1), 0});
  }
  if (result != static_cast<int64_t>(start)) throw EngineError("RESTORE", "mmap " + vma.name, static_cast<int>(-result), "");
}

// A stack grows by being touched; what was mapped below it would be another region.
void Memory::grow_stack(std::vector<Vma>& now, const std::vector<Vma>& wanted) {
  const auto is_stack = [](const Vma& vma) { return vma.is_stack(); };
  const auto has = std::find_if(now.begin(), now.end(), is_stack);
  const auto wants = std::find_if(wanted.begin(), wanted.end(), is_stack);
  if (has == now.end() || wants == wanted.end() || has->end != wants->end || has->start <= wants->start) return;
  const RaisedLimit room(tracee_.pid(), RLIMIT_STACK, has->start - wants->start);
  const uint64_t length = has->start - wants->start;
  tracee_.inject(SYS_clock_gettime, {CLOCK_MONOTONIC, wants->start});
  tracee_.inject(SYS_madvise, {wants->start, length, MADV_DONTNEED});
  forgotten_.push_back({wants->start, has->start});
  now = tracee_.maps();
}

// Sweeps the two sorted lists of regions; returns the ranges that were mapped anew (their contents are gone).
std::vector<Memory::Range> Memory::restore_regions(const std::vector<Vma>& wanted) {
  std::vector<Vma> now = tracee_.maps();
  std::vector<Range> renewed;
  std::vector<uint64_t> bounds;
  for (const std::vector<Vma>* list : std::initializer_list<const std::vector<Vma>*>{&now, &wanted})
    for (const Vma& vma : *list) bounds.insert(bounds.end(), {vma.start, vma.end});
  std::sort(bounds.begin(), bounds.end());
  bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
  for (size_t i = 0; i + 1 < bounds.size(); i++) {
    uint64_t start = bounds[i], end = bounds[i + 1];
    const Vma* is = find_vma(now, start);
    const Vma* want = find_vma(wanted, start);
    if (!is && !want) continue;
    if (!want) {
      // A stack that has grown stays grown: only its contents go.
      if (is->is_stack())
        tracee_.inject(SYS_madvise, {start, end - start, MADV_DONTNEED});
      else
        tracee_.inject(SYS_munmap, {start, end - start});
    } else if (!is || !maps_the_same(*is, start, *want)) {
      map_region(*want, start, end);
      renewed.push_back({start, end});
    } else if (is->protection != want->protection) {
      tracee_.inject(SYS_mprotect, {start, end - start, static_cast<uint64_t>(want->protection)});
    }
  }
  return renewed;
}

// True where the page needs no write. One of a private mapping that is as the file has it is dropped: so it goes on showing the file.
bool Memory::shows_file(const Vma& vma, uint64_t address, const PageRef& page) {
  Page now{};
  const int fd = vma.is_shared ? -1 : files_.find(vma.inode);
  const auto offset = static_cast<off_t>(vma.offset + (address - vma.start));
  if (fd >= 0 && pread(fd, now.bytes.data(), page_size, offset) > 0 && now.bytes == page->bytes) {
    tracee_.inject(SYS_madvise, {address, page_size, MADV_DONTNEED});
    shown_.insert(address);
    return true;
  }
  return tracee_.read(address, now.bytes.data(), page_size) == page_size && now.bytes == page->bytes;
}

void Memory::write_back(const std::vector<uint64_t>& addresses, const MemoryImage& wanted) {
  std::vector<uint64_t> targets;
  std::vector<PageRef> kept;
  std::vector<const uint8_t*> contents;
  std::vector<Range> dropped;
  std::vector<std::pair<const Vma*, uint64_t>> of_files;
  for (uint64_t address : addresses) {
    const Vma* vma = find_vma(*wanted.vmas, address);
    if (PageRef page = wanted.pages.find(address)) {
      if (vma && vma->is_file()) {
        of_files.emplace_back(vma, address);
        continue;
      }
      targets.push_back(address);
      contents.push_back(page->bytes.data());
      kept.push_back(std::move(page));
    } else if (vma) {
      if (!dropped.empty() && dropped.back().end == address)
        dropped.back().end += page_size;
      else
        dropped.push_back({address, address + page_size});
    }
  }
  for (const Range& range : dropped) tracee_.inject(SYS_madvise, {range.start, range.end - range.start, MADV_DONTNEED});
  tracee_.write_pages(targets, contents);
  // First the shared views, through which the files themselves become what they were; the others show that.
  std::stable_partition(of_files.begin(), of_files.end(), [](const auto& each) { return each.first->is_shared && (each.first->protection & PROT_WRITE); });
  for (const auto& [vma, address] : of_files) {
    const PageRef page = wanted.pages.find(address);
    if (!shows_file(*vma, address, page)) show(address, page);
  }
}

void Memory::restore(const MemoryImage& wanted) {
  const RoomForMemory room(tracee_.pid());
  std::vector<Vma> now = tracee_.maps();
  std::vector<uint64_t> changed = dirty_pages(now, false);
  changed.insert(changed.end(), shown_.begin(), shown_.end());
  shown_.clear();
  if (image_.program_break != wanted.program_break && has_kernel_break_) tracee_.inject(SYS_brk, {wanted.program_break});
  if (now != *wanted.vmas) {
    grow_stack(now, *wanted.vmas);
    for (const Range& range : restore_regions(*wanted.vmas)) forgotten_.push_back(range);
    tracker_->watch(*wanted.vmas);
  }
  PageIndex::for_each_difference(image_.pages, wanted.pages,
                                 [&](uint64_t page, const PageRef&, const PageRef&) { changed.push_back(page); });
  for (const Range& range : forgotten_)
    wanted.pages.for_each(range.start, range.end, [&](uint64_t page, const PageRef&) { changed.push_back(page); });
  forgotten_.clear();
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  write_back(changed, wanted);
  image_ = wanted;
  is_shown_anew_ = false;
  tracker_->dirty_pages(*image_.vmas, image_.pages, true);
}

}  // namespace fred
