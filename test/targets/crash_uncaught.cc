// An exception that nobody catches: std::terminate and abort.
#include <cstdio>
#include <stdexcept>

static void check(int value) {
  if (value > 2) throw std::out_of_range("value too large"); /* at: throw */
}

int main() {
  std::setvbuf(stdout, nullptr, _IONBF, 0);
  for (int value = 0; value < 5; value++) {
    check(value); /* at: call */
    std::printf("%d\n", value);
  }
}
