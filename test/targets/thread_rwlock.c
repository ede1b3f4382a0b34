// Readers look at a pair that writers change together: they never see half of it.
#include <pthread.h>
#include <sched.h>
#include <stdio.h>

enum { READERS = 3, WRITERS = 2, ROUNDS = 60 };

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static int left, right, torn, reads;

static void *read_pair(void *unused) {
  for (int i = 0; i < ROUNDS; i++) {
    pthread_rwlock_rdlock(&lock);
    if (left != right) torn++;
    __atomic_add_fetch(&reads, 1, __ATOMIC_RELAXED); /* at: read */
    sched_yield();
    pthread_rwlock_unlock(&lock);
  }
  return unused;
}

static void *write_pair(void *unused) {
  for (int i = 0; i < ROUNDS; i++) {
    pthread_rwlock_wrlock(&lock);
    left++;
    sched_yield();
    right++; /* at: write */
    pthread_rwlock_unlock(&lock);
  }
  return unused;
}

int main(void) {
  pthread_t threads[READERS + WRITERS];
  for (int i = 0; i < READERS + WRITERS; i++) pthread_create(&threads[i], NULL, i < READERS ? read_pair : write_pair, NULL);
  for (int i = 0; i < READERS + WRITERS; i++) pthread_join(threads[i], NULL);
  printf("left %d right %d torn %d reads %d\n", left, right, torn, reads);
  return 0; /* at: end */
}
