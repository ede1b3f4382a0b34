// Computes without a system call: a sieve in a small array, again and again (argument: rounds, default 200).
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { LIMIT = 1 << 16 };

static unsigned char composite[LIMIT];
volatile long rounds_done;
static uint64_t checksum = 1;

static int sieve(void) {
  int primes = 0;
  for (int i = 2; i < LIMIT; i++) composite[i] = 0;
  for (int i = 2; i < LIMIT; i++) {
    if (composite[i]) continue;
    primes++;
    for (int j = 2 * i; j < LIMIT; j += i) composite[j] = 1; /* at: inner */
  }
  return primes;
}

int main(int argc, char **argv) {
  long rounds = argc > 1 ? atol(argv[1]) : 200;
  for (long round = 0; round < rounds; round++) {
    checksum = checksum * 31 + (uint64_t)sieve() + (uint64_t)round; /* at: round */
    rounds_done = round + 1;                                      /* at: counted */
  }
  printf("%ld rounds, checksum %lu\n", rounds, checksum); /* at: end */
  return 0;
}
