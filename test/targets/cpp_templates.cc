// Class and function templates, specialisation, lambdas and variadics.
#include <array>
#include <cstdio>
#include <string>

template <typename T, int N>
class Ring {
 public:
  void push(const T& value) { slots_[static_cast<size_t>(next_++ % N)] = value; /* at: push */ }
  T sum() const {
    T total{};
    for (const T& value : slots_) total += value; /* at: sum */
    return total;
  }

 private:
  std::array<T, N> slots_{};
  int next_ = 0;
};

template <typename T>
T largest(T value) {
  return value;
}
template <typename T, typename... Rest>
T largest(T first, Rest... rest) {
  T other = largest<T>(rest...); /* at: variadic */
  return first > other ? first : other;
}
template <typename T>
const char* kind(T) { return "other"; }
template <>
const char* kind(int) { return "int"; /* at: specialised */ }

int main() {
  Ring<int, 4> numbers;
  Ring<std::string, 3> words;
  for (int i = 0; i < 10; i++) numbers.push(i), words.push(std::string(1, static_cast<char>('a' + i)));
  auto apply = [&](auto function) { return function(numbers.sum()); };
  int doubled = apply([](int sum) { return 2 * sum; /* at: lambda */ });
  std::printf("%d %s %d %s %s\n", doubled, words.sum().c_str(), largest(3, 9, 4), kind(1), kind(1.5)); /* at: end */
}
