// std::thread, futures, a condition variable with a predicate, an atomic, and an exception that comes out of a future.
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <future>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

static std::atomic<long> total{0};

static long sum_of(const std::vector<int>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0L); /* at: sum */
}

int main() {
  std::vector<int> numbers(1000);
  std::iota(numbers.begin(), numbers.end(), 1);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++)
    threads.emplace_back([&numbers, i] {
      for (size_t at = static_cast<size_t>(i); at < numbers.size(); at += 4) total += numbers[at];
    });
  for (std::thread& thread : threads) thread.join();
  std::future<long> later = std::async(std::launch::async, sum_of, std::cref(numbers));
  std::future<int> bad = std::async(std::launch::async, []() -> int { throw std::runtime_error("from the other side"); });
  const char* text = "nothing";
  std::string kept;
  try {
    bad.get();
  } catch (const std::runtime_error& error) {
    kept = error.what();
    text = kept.c_str(); /* at: caught */
  }
  std::mutex lock;
  std::condition_variable bell;
  bool is_rung = false;
  std::thread ringer([&] {
    std::lock_guard guard(lock);
    is_rung = true;
    bell.notify_one();
  });
  {
    std::unique_lock guard(lock);
    bell.wait(guard, [&] { return is_rung; });
  }
  ringer.join();
  std::printf("%ld %ld %s %d\n", total.load(), later.get(), text, is_rung);
  return 0; /* at: end */
}
