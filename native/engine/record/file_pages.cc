// From offsets in a file to addresses of its mappings.
#include "engine/record/file_pages.h"

namespace fred {

void add_file_pages(MemoryImage& image, uint64_t inode, const FilePages& pages) {
  for (const Vma& vma : *image.vmas) {
    if (vma.inode != inode) continue;
    for (const auto& [offset, page] : pages) {
      if (offset < vma.offset || offset - vma.offset >= vma.end - vma.start) continue;
      const uint64_t address = vma.start + (offset - vma.offset);
      if (!image.pages.find(address)) image.pages.put(address, page);
    }
  }
}

void add_mapped_pages(std::map<uint64_t, PageRef>& shown, const Event& event, const FilePages& pages) {
  const uint64_t first = event.arguments[5];
  for (const auto& [offset, page] : pages)
    if (offset >= first && offset - first < event.arguments[1]) shown.emplace(static_cast<uint64_t>(event.result) + (offset - first), page);
}

}  // namespace fred
