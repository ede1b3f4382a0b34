// A thread ends with a lock in its hand: the next one is told, and makes it good.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t lock;
static int told;

static void *take_and_go(void *unused) {
  pthread_mutex_lock(&lock); /* at: take */
  return unused;
}

static void *wait_for_it(void *unused) {
  if (pthread_mutex_lock(&lock) == EOWNERDEAD) {
    pthread_mutex_consistent(&lock);
    told++; /* at: told */
  }
  pthread_mutex_unlock(&lock);
  return unused;
}

int main(void) {
  pthread_mutexattr_t robust;
  pthread_mutexattr_init(&robust);
  pthread_mutexattr_setrobust(&robust, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&lock, &robust);
  pthread_t first, second;
  for (int i = 0; i < 3; i++) {
    pthread_create(&first, NULL, take_and_go, NULL);
    pthread_create(&second, NULL, wait_for_it, NULL);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    if (pthread_mutex_lock(&lock) == EOWNERDEAD) pthread_mutex_consistent(&lock), told++;
    pthread_mutex_unlock(&lock);
  }
  printf("told %d\n", told);
  return 0; /* at: end */
}
