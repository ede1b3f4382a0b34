// Locks that inherit priority, with waiters: the kernel hands them over.
#include <pthread.h>
#include <sched.h>
#include <stdio.h>

enum { THREADS = 3, ROUNDS = 40 };

static pthread_mutex_t lock;
static int counted;

static void *count(void *unused) {
  for (int i = 0; i < ROUNDS; i++) {
    pthread_mutex_lock(&lock);
    const int before = counted; /* at: locked */
    sched_yield();
    counted = before + 1;
    pthread_mutex_unlock(&lock);
  }
  return unused;
}

int main(void) {
  pthread_mutexattr_t inherit;
  pthread_mutexattr_init(&inherit);
  pthread_mutexattr_setprotocol(&inherit, PTHREAD_PRIO_INHERIT);
  pthread_mutex_init(&lock, &inherit);
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, count, NULL);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  printf("counted %d\n", counted);
  return 0; /* at: end */
}
