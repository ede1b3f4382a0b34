// Files that the program has mapped and changes by system calls.
//
// Rule: a page of a file mapping that was never written through memory is held in no checkpoint: it shows what its file has. So before a
// call first changes a page of a file that was ever mapped, its old content is given to every state and to every mmap of the log that
// showed it; from then on it is memory like any other, and what the call changed is found by comparing.
// Example: mmap at event 5, write(3) of the file at event 9. Before the write runs, the checkpoints behind 5 and event 5 itself get
// the old page; event 9 gets the new one. A restore to 7 writes the old page back, a replay from 3 writes it when it comes past 5.
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <set>

#include "engine/record/file_pages.h"
#include "engine/session/session.h"

namespace fred {
namespace {

// As many pages are kept at once, so that a file written little by little does not cost a walk through the log each time.
constexpr uint64_t pages_per_block = 256;

PageRef read_page(int fd, uint64_t offset) {
  auto page = std::make_shared<Page>();
  return pread(fd, page->bytes.data(), page_size, static_cast<off_t>(offset)) > 0 ? page : nullptr;
}

bool is_mapping_of(const Event& event, uint64_t inode) {
  if (event.kind != EventKind::syscall || event.number != SYS_mmap || event.file < 0) return false;
  struct stat status{};
  return fstat(event.file, &status) == 0 && status.st_ino == inode;
}

}  // namespace

std::optional<FileWrite> Session::find_mapped_write(int number, const Arguments& arguments) {
  if (is_scratch_) return std::nullopt;
  const std::optional<FileWrite> write = find_file_write(*tracee_, number, arguments);
  return write && memory_->files().find(write->inode) >= 0 ? write : std::nullopt;
}

// Every state that is kept, wherever it is.
std::set<Checkpoint*> Session::all_states() {
  std::set<Checkpoint*> states{here_.get(), base_.get(), next_known_.get(), scratch_start_.get(), patch_anchor_.get()};
  for (const auto& [id, checkpoint] : checkpoints_) states.insert(checkpoint.get());
  for (const auto& [id, branch] : branches_) {
    states.insert({branch.split.get(), branch.head.get()});
    for (const EventRef& event : branch.log)
      if (event->detail && event->detail->anchor) states.insert(std::const_pointer_cast<Checkpoint>(event->detail->anchor).get());
  }
  states.erase(nullptr);
  return states;
}

// Precondition: the image is up to date, the write has not happened yet.
void Session::keep_shown_pages(const FileWrite& write) {
  const int fd = memory_->files().find(write.inode);
  std::set<uint64_t>& kept = kept_blocks_[write.inode];
  constexpr uint64_t block_size = pages_per_block * page_size;
  FilePages pages;
  for (uint64_t block = write.start / block_size; block * block_size < std::min(write.end, write.size); block++) {
    if (!kept.insert(block).second) continue;
    for (uint64_t i = 0; i < pages_per_block; i++) {
      const uint64_t offset = block * block_size + i * page_size;
      if (PageRef page = read_page(fd, offset)) pages.emplace_back(offset, std::move(page));
    }
  }
  if (pages.empty()) return;
  const auto add = [&](MemoryImage& image) { add_file_pages(image, write.inode, pages); };
  if (is_recording()) recorder_->add_file_pages(fd, pages, add);
  for (Checkpoint* state : all_states()) add(state->memory);
  memory_->amend(add);
  marker_plans_.clear();
  for (const auto& [id, branch] : branches_)
    for (const EventRef& event : branch.log)
      if (is_mapping_of(*event, write.inode)) add_mapped_pages(shown_[event], *event, pages);
}

// What a new mapping shows of a file that is changed by calls.
void Session::note_shown_pages(const EventRef& event) {
  struct stat status{};
  if (event->file < 0 || fstat(event->file, &status) != 0) return;
  const auto kept = kept_blocks_.find(status.st_ino);
  if (kept == kept_blocks_.end()) return;
  FilePages pages;
  for (uint64_t block : kept->second)
    for (uint64_t i = 0; i < pages_per_block; i++)
      if (PageRef page = read_page(event->file, (block * pages_per_block + i) * page_size))
        pages.emplace_back((block * pages_per_block + i) * page_size, std::move(page));
  add_mapped_pages(shown_[event], *event, pages);
  note_shown(event);
  memory_->sync();
  memory_->amend([&](MemoryImage& image) { add_file_pages(image, status.st_ino, pages); });
}

// Precondition: the event has just been replayed.
void Session::show_pages(const EventRef& event) {
  if (shown_.empty()) return;
  const auto shown = shown_.find(event);
  if (shown == shown_.end()) return;
  for (const auto& [address, page] : shown->second) memory_->show(address, page);
}

}  // namespace fred
