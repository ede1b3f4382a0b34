// Three threads compute for some turns each, without a system call; no lock is needed, the sums are their own.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

enum { THREADS = 3, ROUNDS = 30000000 };

static uint64_t sums[THREADS];

static void *compute(void *argument) {
  const long id = (long)argument;
  uint64_t value = (uint64_t)id + 1;
  for (long i = 0; i < ROUNDS; i++) {
    value = value * 6364136223846793005u + 1442695040888963407u;
    sums[id] ^= value; /* at: compute */
  }
  return NULL;
}

int main(void) {
  pthread_t threads[THREADS];
  for (long i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, compute, (void *)i);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  printf("%016lx\n", sums[0] ^ sums[1] ^ sums[2]);
  return 0; /* at: end */
}
