// Exceptions: nested, rethrown, thrown while unwinding is over, with destructors that count.
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

static int destroyed;

struct Guard {
  int id;
  explicit Guard(int id) : id(id) {}
  ~Guard() { destroyed += id; /* at: destructor */ }
};

static void fail(int depth) {
  Guard guard(depth);
  if (depth == 5) throw std::runtime_error("bottom"); /* at: throw */
  fail(depth + 1);
}

static std::string translate() {
  try {
    Guard guard(100);
    fail(1);
  } catch (const std::runtime_error& error) {
    try {
      std::throw_with_nested(std::logic_error("outer")); /* at: nested */
    } catch (const std::logic_error& outer) {
      try {
        std::rethrow_if_nested(outer);
      } catch (const std::exception& inner) {
        return std::string(outer.what()) + " around " + inner.what(); /* at: caught */
      }
    }
  }
  return "nothing";
}

static int rethrow(int value) {
  try {
    try {
      if (value % 2) throw value; /* at: throw-int */
      throw "text";
    } catch (int) {
      throw; /* at: rethrow */
    }
  } catch (int number) {
    return number;
  } catch (...) {
    return -1; /* at: catch-all */
  }
}

int main() {
  std::string text = translate(); /* at: first */
  int sum = 0;
  for (int i = 0; i < 6; i++) sum += rethrow(i);
  std::printf("%s, destroyed %d, sum %d\n", text.c_str(), destroyed, sum); /* at: end */
}
