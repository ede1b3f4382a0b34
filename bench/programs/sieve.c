// Computes without a system call and says how long it took by the wall clock: ROUNDS sieves up to LIMIT.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MOST = 1 << 16 };

static unsigned char composite[MOST];
static uint64_t checksum = 1;
volatile long rounds_done;

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

__attribute__((noinline)) static int sieve(int limit) {
  int primes = 0;
  for (int i = 2; i < limit; i++) composite[i] = 0;
  for (int i = 2; i < limit; i++) {
    if (composite[i]) continue;
    primes++;
    for (int j = 2 * i; j < limit; j += i) composite[j] = 1;
  }
  return primes;
}

__attribute__((noinline)) static void all_rounds(long rounds, int limit) {
  for (long round = 0; round < rounds; round++) {
    checksum = checksum * 31 + (uint64_t)sieve(limit) + (uint64_t)round;
    rounds_done = round + 1; /* at: counted */
  }
}

__attribute__((noinline)) static void done(void) { checksum++; }

int main(int argc, char **argv) {
  long rounds = argc > 1 ? atol(argv[1]) : 1000;
  int limit = argc > 2 ? atoi(argv[2]) : MOST;
  if (limit > MOST) limit = MOST;
  uint64_t start = now_ns();
  all_rounds(rounds, limit);
  done();
  uint64_t end = now_ns();
  printf("elapsed_ns %lu checksum %lu\n", end - start, checksum);
  return 0;
}
