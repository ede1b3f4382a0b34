// Runs every native test; the last line counts them.
#include "harness.h"

int main() {
  int passed = 0, failed = 0;
  for (const test::Case& each : test::cases()) {
    try {
      each.run();
      passed++;
      printf("ok   %s\n", each.name);
    } catch (const std::exception& error) {
      failed++;
      printf("FAIL %s: %s\n", each.name, error.what());
    }
  }
  printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
