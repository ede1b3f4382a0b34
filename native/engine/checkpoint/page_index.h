// An immutable map from page address to page contents, shared between checkpoints.
//
// Rule: a checkpoint is a root; taking one copies only the path to each changed page, so equal parts of two checkpoints are the
// same nodes. Two roots are compared by walking both and skipping every subtree that is the same node: the cost is that of the
// pages that differ, never that of the process. Example: a 1 GB process that wrote one page between two checkpoints: six nodes
// of 64 slots are new, and the difference is found by six comparisons of 64 pointers.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "engine/tracee/tracee.h"

namespace fred {

struct Page {
  std::array<uint8_t, page_size> bytes;
};
using PageRef = std::shared_ptr<const Page>;

class PageIndex {
 public:
  PageIndex() = default;

  PageRef find(uint64_t address) const;
  void put(uint64_t address, PageRef page);
  void erase(uint64_t start, uint64_t end);
  size_t count() const;

  using Visitor = std::function<void(uint64_t address, const PageRef& page)>;
  void for_each(uint64_t start, uint64_t end, const Visitor& visit) const;
  // Addresses whose page is another one (or missing on one side); by identity of the page, not by content.
  using DifferenceVisitor = std::function<void(uint64_t address, const PageRef& here, const PageRef& there)>;
  static void for_each_difference(const PageIndex& here, const PageIndex& there, const DifferenceVisitor& visit);

 private:
  struct Node;
  using NodeRef = std::shared_ptr<Node>;
  static NodeRef writable(const NodeRef& node, int level);
  static NodeRef erase_in(const NodeRef& node, int level, uint64_t base, uint64_t first, uint64_t last);
  static void visit_in(const NodeRef& node, int level, uint64_t base, uint64_t first, uint64_t last, const Visitor& visit);
  static void difference_in(const NodeRef& here, const NodeRef& there, int level, uint64_t base, const DifferenceVisitor& visit);

  NodeRef root_;
};

}  // namespace fred
