// Pages of mapped files, given to what showed them.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "engine/checkpoint/memory.h"
#include "engine/log/event.h"

namespace fred {

using FilePages = std::vector<std::pair<uint64_t, PageRef>>;  // by offset in the file

// To a state: where its mappings of the file show these pages and it holds no others there.
void add_file_pages(MemoryImage& image, uint64_t inode, const FilePages& pages);
// To an mmap: by address.
void add_mapped_pages(std::map<uint64_t, PageRef>& shown, const Event& event, const FilePages& pages);

}  // namespace fred
