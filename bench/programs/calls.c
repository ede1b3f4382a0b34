// System calls only, and how long they took by the wall clock: ROUNDS times a byte through a pipe.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int main(int argc, char **argv) {
  long rounds = argc > 1 ? atol(argv[1]) : 10000;
  int ends[2];
  char byte = 'x';
  if (pipe(ends) != 0) return 1;
  uint64_t start = now_ns();
  for (long round = 0; round < rounds; round++)
    if (write(ends[1], &byte, 1) != 1 || read(ends[0], &byte, 1) != 1) return 1;
  printf("elapsed_ns %lu\n", now_ns() - start);
  return 0;
}
