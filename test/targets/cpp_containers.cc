// string, vector, map, unordered_map, deque, unique_ptr and a few algorithms.
#include <algorithm>
#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <unordered_map>
#include <vector>

int main() {
  std::vector<int> numbers;
  for (int i = 0; i < 50; i++) numbers.push_back(i * i % 23); /* at: push */
  std::sort(numbers.begin(), numbers.end());                  /* at: sort */
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());

  std::map<std::string, int> counts;
  std::string text = "the cat and the dog and the bird", word;
  for (char c : text + " ") {
    if (c != ' ') {
      word += c;
      continue;
    }
    counts[word]++; /* at: count */
    word.clear();
  }
  std::unordered_map<int, std::unique_ptr<std::string>> names;
  for (int i = 0; i < 20; i++) names[i] = std::make_unique<std::string>("a name that is too long for the small buffer " + std::to_string(i));
  std::deque<std::string> queue;
  for (const auto& [name, count] : counts) queue.push_front(name + "=" + std::to_string(count)); /* at: queue */
  size_t length = 0;
  for (const auto& [key, name] : names) length += name->size() + static_cast<size_t>(key);
  std::printf("%zu numbers, sum %d, %s, %s, %zu\n", numbers.size(), std::accumulate(numbers.begin(), numbers.end(), 0), queue.front().c_str(), queue.back().c_str(), length); /* at: end */
}
