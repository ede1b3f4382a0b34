// PageIndex against std::map, with random changes; old roots must not notice.
#include <map>
#include <random>

#include "engine/checkpoint/page_index.h"
#include "harness.h"

using fred::Page;
using fred::PageIndex;
using fred::PageRef;
using fred::page_size;

namespace {

using Model = std::map<uint64_t, PageRef>;

void expect_equal(const PageIndex& index, const Model& model, const std::string& what) {
  Model seen;
  index.for_each(0, ~0ull, [&](uint64_t address, const PageRef& page) { seen[address] = page; });
  test::expect(seen == model, what);
}

}  // namespace

TEST("a page index holds what a map holds, and its older versions stay as they were") {
  const unsigned seed = std::random_device{}();
  std::mt19937_64 random(seed);
  const std::string tag = "seed " + std::to_string(seed);
  PageIndex index;
  Model model;
  std::vector<std::pair<PageIndex, Model>> versions;
  for (int round = 0; round < 4000; round++) {
    const uint64_t address = (random() % 3 ? random() % 5000 : random() % (1ull << 35)) * page_size;
    if (random() % 4 == 0) {
      const uint64_t end = address + (1 + random() % 300) * page_size;
      index.erase(address, end);
      model.erase(model.lower_bound(address), model.lower_bound(end));
    } else {
      auto page = std::make_shared<const Page>();
      index.put(address, page);
      model[address] = page;
    }
    if (round % 200 == 0) versions.emplace_back(index, model);
  }
  expect_equal(index, model, tag);
  for (const auto& [old_index, old_model] : versions) expect_equal(old_index, old_model, tag + ", an older version");
  for (const auto& [address, page] : model) test::expect(index.find(address) == page, tag + ", find");
}

TEST("the difference of two page indexes names exactly the pages that differ") {
  const unsigned seed = std::random_device{}();
  std::mt19937_64 random(seed);
  PageIndex before;
  Model old_model;
  for (int i = 0; i < 2000; i++) {
    const uint64_t address = random() % 4000 * page_size;
    auto page = std::make_shared<const Page>();
    before.put(address, page);
    old_model[address] = page;
  }
  PageIndex after = before;
  Model model = old_model;
  for (int i = 0; i < 50; i++) {
    const uint64_t address = random() % 6000 * page_size;
    auto page = std::make_shared<const Page>();
    after.put(address, page);
    model[address] = page;
  }
  std::map<uint64_t, bool> expected, seen;
  for (const auto& [address, page] : model)
    if (!old_model.contains(address) || old_model[address] != page) expected[address] = true;
  PageIndex::for_each_difference(before, after, [&](uint64_t address, const PageRef&, const PageRef&) { seen[address] = true; });
  test::expect(seen == expected, "seed " + std::to_string(seed));
}
