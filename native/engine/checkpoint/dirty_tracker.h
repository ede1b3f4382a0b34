// Finds the pages of the tracee that were written since the last look.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/checkpoint/page_index.h"
#include "engine/tracee/maps.h"
#include "engine/tracee/tracee.h"

namespace fred {

class DirtyTracker {
 public:
  virtual ~DirtyTracker() = default;
  virtual std::string name() const = 0;
  // New regions are tracked from here on. Precondition: stopped.
  virtual void watch(const std::vector<Vma>& vmas) = 0;
  // Addresses of present pages that may differ from `known`, ascending; all pages are clean afterwards when `reset`.
  virtual std::vector<uint64_t> dirty_pages(const std::vector<Vma>& vmas, const PageIndex& known, bool reset) = 0;
};

// `wished`: auto, pagemap-scan or compare. Throws EngineError "TRACKER" when the wished one cannot work here.
std::unique_ptr<DirtyTracker> make_dirty_tracker(const std::string& wished, Tracee& tracee);

}  // namespace fred
