// A few hundred short statements with calls, to step over and into; some of the lines compute for longer.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int values[512];
static char *names[64];

static int mix(int value) {
  value ^= value << 7;
  value ^= value >> 9;
  return value & 0xffff;
}

static void fill(int seed) {
  for (int i = 0; i < 512; i++) {
    seed = mix(seed + i);
    values[i] = seed;
  }
}

static void label(int index) {
  char text[32];
  snprintf(text, sizeof text, "name %d", values[index]);
  free(names[index]);
  names[index] = strdup(text);
}

int main(void) {
  int total = 0;
  for (int round = 0; round < 2000; round++) {
    fill(round + 1);
    label(round % 64);
    total += (int)strlen(names[round % 64]);
    total += values[round % 512];
    total = mix(total);
  }
  printf("%d\n", total);
  return 0;
}
