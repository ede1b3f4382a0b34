// Two ways to find dirty pages: PAGEMAP_SCAN over asynchronous write protection (Linux 6.7+), and comparing every page.
#include "engine/checkpoint/dirty_tracker.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <cstring>

#include "engine/engine.h"

namespace fred {
namespace {

// <linux/fs.h> of Debian 12 is older than these (Linux 6.7).
struct PageRegion {
  uint64_t start, end, categories;
};
struct ScanArguments {
  uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
  uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
constexpr unsigned long pagemap_scan = _IOWR('f', 16, ScanArguments);
constexpr uint64_t scan_wp_matching = 1;
constexpr uint64_t page_wp_allowed = 1 << 0, page_written = 1 << 1, page_file = 1 << 2, page_present = 1 << 3,
                   page_swapped = 1 << 4, page_pfn_zero = 1 << 5;
constexpr uint64_t feature_wp_unpopulated = 1 << 13, feature_wp_async = 1 << 15;
constexpr int uffd_user_mode_only = 1;
constexpr uint64_t user_end = 0x7ffffffff000;

Fd open_pagemap(int pid) {
  Fd fd(open(("/proc/" + std::to_string(pid) + "/pagemap").c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.is_open()) throw EngineError("TRACKER", "open /proc/PID/pagemap", errno, "");
  return fd;
}

class PagemapScan final : public DirtyTracker {
 public:
  explicit PagemapScan(Tracee& tracee) : pagemap_(open_pagemap(tracee.pid())) {
    int64_t remote = tracee.inject(SYS_userfaultfd, {O_CLOEXEC | O_NONBLOCK | uffd_user_mode_only});
    if (remote < 0) throw EngineError("TRACKER", "userfaultfd", static_cast<int>(-remote), "");
    int pidfd = static_cast<int>(syscall(SYS_pidfd_open, tracee.pid(), 0));
    if (pidfd >= 0) uffd_ = Fd(static_cast<int>(syscall(SYS_pidfd_getfd, pidfd, remote, 0)));
    int error = errno;
    if (pidfd >= 0) close(pidfd);
    tracee.inject(SYS_close, {static_cast<uint64_t>(remote)});
    if (!uffd_.is_open()) throw EngineError("TRACKER", "pidfd_getfd", error, "");
    uffdio_api api{UFFD_API, feature_wp_async | feature_wp_unpopulated | UFFD_FEATURE_PAGEFAULT_FLAG_WP, 0};
    if (ioctl(uffd_.get(), UFFDIO_API, &api) != 0) throw EngineError("TRACKER", "UFFDIO_API", errno, "");
  }

  std::string name() const override { return "pagemap-scan"; }

  void watch(const std::vector<Vma>& vmas) override {
    for (const Vma& vma : vmas) {
      uffdio_register range{{vma.start, vma.end - vma.start}, UFFDIO_REGISTER_MODE_WP, 0};
      ioctl(uffd_.get(), UFFDIO_REGISTER, &range);  // regions that cannot be registered show up in no scan; see dirty_pages
    }
  }

  std::vector<uint64_t> dirty_pages(const std::vector<Vma>& vmas, const PageIndex&, bool reset) override {
    std::vector<uint64_t> pages;
    uint64_t at = 0;
    while (at < user_end) {
      ScanArguments scan{};
      scan.size = sizeof scan;
      scan.flags = reset ? scan_wp_matching : 0;
      scan.start = at;
      scan.end = user_end;
      scan.vec = reinterpret_cast<uint64_t>(regions_.data());
      scan.vec_len = regions_.size();
      scan.category_mask = page_wp_allowed | page_written;
      scan.category_anyof_mask = page_present | page_swapped;
      scan.return_mask = page_file | page_pfn_zero;
      int count = ioctl(pagemap_.get(), pagemap_scan, &scan);
      if (count < 0) throw EngineError("TRACKER", "PAGEMAP_SCAN", errno, "");
      for (int i = 0; i < count; i++) add(vmas, regions_[static_cast<size_t>(i)], pages);
      if (scan.walk_end <= at) break;
      at = scan.walk_end;
    }
    return pages;
  }

 private:
  // A private page still backed by its file, or by the zero page, has nothing of its own to save.
  static void add(const std::vector<Vma>& vmas, const PageRegion& region, std::vector<uint64_t>& pages) {
    if (region.categories & page_pfn_zero) return;
    for (uint64_t page = region.start; page < region.end;) {
      const Vma* vma = find_vma(vmas, page);
      if (!vma) {
        page += page_size;
        continue;
      }
      uint64_t end = std::min(vma->end, region.end);
      if (vma->is_shared || !(region.categories & page_file))
        for (; page < end; page += page_size) pages.push_back(page);
      page = end;
    }
  }

  Fd pagemap_;
  Fd uffd_;
  std::vector<PageRegion> regions_{4096};
};

// The last resort: every present page of every writable or already changed region is read and compared.
class Compare final : public DirtyTracker {
 public:
  explicit Compare(Tracee& tracee) : tracee_(tracee), pagemap_(open_pagemap(tracee.pid())) {}
  std::string name() const override { return "compare"; }
  void watch(const std::vector<Vma>&) override {}

  std::vector<uint64_t> dirty_pages(const std::vector<Vma>& vmas, const PageIndex& known, bool) override {
    std::vector<uint64_t> dirty;
    for (const Vma& vma : vmas) {
      const std::vector<uint64_t> pages = present_pages(vma);
      for (size_t first = 0; first < pages.size(); first += pages_at_once) {
        const std::span<const uint64_t> some(pages.data() + first, std::min(pages_at_once, pages.size() - first));
        read(some);
        for (size_t i = 0; i < some.size(); i++) {
          const PageRef old = known.find(some[i]);
          if (is_read_[i] && (!old || old->bytes != contents_[i].bytes)) dirty.push_back(some[i]);
        }
      }
    }
    return dirty;
  }

 private:
  static constexpr size_t pages_at_once = 256;

  // One call for many pages; where one of them cannot be read so, each by itself.
  void read(std::span<const uint64_t> pages) {
    std::vector<iovec> remote;
    for (const uint64_t page : pages) remote.push_back({reinterpret_cast<void*>(page), page_size});
    iovec local{contents_.data(), pages.size() * page_size};
    const bool is_whole = process_vm_readv(tracee_.pid(), &local, 1, remote.data(), remote.size(), 0) == static_cast<ssize_t>(local.iov_len);
    for (size_t i = 0; i < pages.size(); i++) is_read_[i] = is_whole || tracee_.read(pages[i], contents_[i].bytes.data(), page_size) == page_size;
  }

  std::vector<uint64_t> present_pages(const Vma& vma) const {
    std::vector<uint64_t> pages;
    std::vector<uint64_t> entries((vma.end - vma.start) / page_size);
    ssize_t n = pread(pagemap_.get(), entries.data(), entries.size() * 8, static_cast<off_t>(vma.start / page_size * 8));
    for (size_t i = 0; n > 0 && i < static_cast<size_t>(n) / 8; i++) {
      bool is_present = entries[i] >> 63 || (entries[i] >> 62 & 1);
      bool is_file = entries[i] >> 61 & 1;
      if (is_present && (vma.is_shared || !is_file)) pages.push_back(vma.start + i * page_size);
    }
    return pages;
  }

  Tracee& tracee_;
  Fd pagemap_;
  std::vector<Page> contents_{pages_at_once};
  std::array<bool, pages_at_once> is_read_{};
};

}  // namespace

std::unique_ptr<DirtyTracker> make_dirty_tracker(const std::string& wished, Tracee& tracee) {
  if (wished == "compare") return std::make_unique<Compare>(tracee);
  if (wished == "pagemap-scan") return std::make_unique<PagemapScan>(tracee);
  if (wished != "auto") throw EngineError("TRACKER", "launch", EINVAL, "no tracker is called " + wished);
  try {
    return std::make_unique<PagemapScan>(tracee);
  } catch (const EngineError&) {
    return std::make_unique<Compare>(tracee);
  }
}

}  // namespace fred
