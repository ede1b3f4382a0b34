// A loop that is too short for a clock and too long to be stepped through; then a place that is met once.
#include <stdio.h>

enum { ROUNDS = 20000 };

static long counter;

__attribute__((noinline)) static void work(void) {
  for (long i = 0; i < ROUNDS; i++) counter++;
}

__attribute__((noinline)) static void done(void) { counter++; /* at: done */ }

int main(void) {
  work();
  done();
  printf("%ld\n", counter);
  return 0; /* at: end */
}
