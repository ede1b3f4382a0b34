// A 64 MB array touched in a few hundred places.
#include <stdint.h>
#include <stdio.h>

enum { SIZE = 64 << 20, TOUCHES = 400 };

static unsigned char sparse[SIZE];
static uint64_t sum;

int main(void) {
  uint32_t place = 1;
  for (int i = 0; i < TOUCHES; i++) {
    place = place * 1664525u + 1013904223u;
    sparse[place % SIZE] += 1 + i % 7; /* at: touch */
  }
  for (size_t i = 0; i < SIZE; i += 1 << 16) sum += sparse[i];
  place = 1;
  for (int i = 0; i < TOUCHES; i++) {
    place = place * 1664525u + 1013904223u;
    sum += sparse[place % SIZE]; /* at: read */
  }
  printf("sum %lu\n", sum); /* at: end */
  return 0;
}
