// Computes over 32 MB with random writes: many dirty pages, no system call (argument: million writes, default 2).
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORDS = 4 << 20 };

static uint64_t table[WORDS];
static uint64_t state = 88172645463325252u;

static uint64_t next_random(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

int main(int argc, char **argv) {
  long writes = (argc > 1 ? atol(argv[1]) : 2) * 1000000;
  for (long i = 0; i < writes; i++) table[next_random() % WORDS] += (uint64_t)i; /* at: write */
  uint64_t sum = 0;
  for (int i = 0; i < WORDS; i++) sum += table[i] * (uint64_t)(i % 13 + 1); /* at: sum */
  printf("sum %lu\n", sum); /* at: end */
  return 0;
}
