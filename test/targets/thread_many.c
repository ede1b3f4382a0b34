// Fifty threads, five at a time, are started and joined: stacks are used again, and so may be their numbers.
#include <pthread.h>
#include <stdio.h>

enum { ROUNDS = 10, AT_ONCE = 5 };

static int done;
static _Thread_local int own = 7;

static void *add(void *argument) {
  own += (int)(long)argument;
  __atomic_add_fetch(&done, own, __ATOMIC_SEQ_CST); /* at: add */
  return (void *)(long)own;
}

int main(void) {
  long sum = 0;
  for (int round = 0; round < ROUNDS; round++) {
    pthread_t threads[AT_ONCE];
    for (long i = 0; i < AT_ONCE; i++) pthread_create(&threads[i], NULL, add, (void *)i);
    for (int i = 0; i < AT_ONCE; i++) {
      void *result;
      pthread_join(threads[i], &result);
      sum += (long)result; /* at: joined */
    }
  }
  printf("done %d sum %ld own %d\n", done, sum, own);
  return 0; /* at: end */
}
