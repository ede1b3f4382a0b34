// PageIndex: a persistent radix tree, 64 slots a node, 6 levels (36 bits of page number = 48-bit addresses).
#include "engine/checkpoint/page_index.h"

#include <algorithm>

namespace fred {
namespace {

constexpr int bits = 6;
constexpr int slots = 1 << bits;
constexpr int top_level = 5;
constexpr uint64_t last_page = (1ull << (bits * (top_level + 1))) - 1;

unsigned slot_of(uint64_t number, int level) { return (number >> (bits * level)) & (slots - 1); }
uint64_t span_of(int level) { return 1ull << (bits * level); }

}  // namespace

// Inner nodes use `children`, leaves (level 0) `pages`.
struct PageIndex::Node {
  explicit Node(int level) {
    if (level == 0)
      pages = std::make_unique<std::array<PageRef, slots>>();
    else
      children = std::make_unique<std::array<NodeRef, slots>>();
  }
  Node(const Node& other) {
    if (other.pages) pages = std::make_unique<std::array<PageRef, slots>>(*other.pages);
    if (other.children) children = std::make_unique<std::array<NodeRef, slots>>(*other.children);
  }
  std::unique_ptr<std::array<NodeRef, slots>> children;
  std::unique_ptr<std::array<PageRef, slots>> pages;
};

// A node that only this index refers to may be changed in place.
PageIndex::NodeRef PageIndex::writable(const NodeRef& node, int level) {
  return node ? std::make_shared<Node>(*node) : std::make_shared<Node>(level);
}

PageRef PageIndex::find(uint64_t address) const {
  uint64_t number = address / page_size;
  const Node* node = root_.get();
  for (int level = top_level; node && level > 0; level--) node = (*node->children)[slot_of(number, level)].get();
  return node ? (*node->pages)[slot_of(number, 0)] : nullptr;
}

void PageIndex::put(uint64_t address, PageRef page) {
  uint64_t number = address / page_size;
  NodeRef* at = &root_;
  for (int level = top_level;; level--) {
    if (at->use_count() != 1) *at = writable(*at, level);
    if (level == 0) {
      (*(*at)->pages)[slot_of(number, 0)] = std::move(page);
      return;
    }
    at = &(*(*at)->children)[slot_of(number, level)];
  }
}

PageIndex::NodeRef PageIndex::erase_in(const NodeRef& node, int level, uint64_t base, uint64_t first, uint64_t last) {
  uint64_t end = base + span_of(level + 1) - 1;
  if (!node || end < first || base > last) return node;
  if (first <= base && end <= last) return nullptr;
  NodeRef copy = node;
  for (unsigned slot = 0; slot < slots; slot++) {
    uint64_t at = base + slot * span_of(level);
    if (at + span_of(level) - 1 < first || at > last) continue;
    if (level == 0) {
      if (!(*node->pages)[slot]) continue;
      if (copy == node) copy = writable(node, level);
      (*copy->pages)[slot] = nullptr;
    } else {
      NodeRef child = erase_in((*node->children)[slot], level - 1, at, first, last);
      if (child == (*node->children)[slot]) continue;
      if (copy == node) copy = writable(node, level);
      (*copy->children)[slot] = std::move(child);
    }
  }
  return copy;
}

void PageIndex::erase(uint64_t start, uint64_t end) {
  if (start >= end) return;
  root_ = erase_in(root_, top_level, 0, start / page_size, (end - 1) / page_size);
}

void PageIndex::visit_in(const NodeRef& node, int level, uint64_t base, uint64_t first, uint64_t last, const Visitor& visit) {
  if (!node || base + span_of(level + 1) - 1 < first || base > last) return;
  for (unsigned slot = 0; slot < slots; slot++) {
    uint64_t at = base + slot * span_of(level);
    if (level > 0)
      visit_in((*node->children)[slot], level - 1, at, first, last, visit);
    else if ((*node->pages)[slot] && at >= first && at <= last)
      visit(at * page_size, (*node->pages)[slot]);
  }
}

void PageIndex::for_each(uint64_t start, uint64_t end, const Visitor& visit) const {
  if (start >= end) return;
  visit_in(root_, top_level, 0, start / page_size, std::min((end - 1) / page_size, last_page), visit);
}

size_t PageIndex::count() const {
  size_t n = 0;
  for_each(0, ~0ull, [&](uint64_t, const PageRef&) { n++; });
  return n;
}

void PageIndex::difference_in(const NodeRef& here, const NodeRef& there, int level, uint64_t base, const DifferenceVisitor& visit) {
  if (here == there) return;
  for (unsigned slot = 0; slot < slots; slot++) {
    uint64_t at = base + slot * span_of(level);
    if (level > 0) {
      difference_in(here ? (*here->children)[slot] : nullptr, there ? (*there->children)[slot] : nullptr, level - 1, at, visit);
      continue;
    }
    PageRef a = here ? (*here->pages)[slot] : nullptr;
    PageRef b = there ? (*there->pages)[slot] : nullptr;
    if (a != b) visit(at * page_size, a, b);
  }
}

void PageIndex::for_each_difference(const PageIndex& here, const PageIndex& there, const DifferenceVisitor& visit) {
  difference_in(here.root_, there.root_, top_level, 0, visit);
}

}  // namespace fred
