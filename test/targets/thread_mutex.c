// Four threads count under one lock, and each under a lock of its own kind: recursive, error-checking, timed.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <time.h>

enum { THREADS = 4, ROUNDS = 200 };

static pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static long counted, nested, timed;

static void *count(void *unused) {
  for (int i = 0; i < ROUNDS; i++) {
    pthread_mutex_lock(&plain);
    counted++; /* at: locked */
    pthread_mutex_unlock(&plain);
    pthread_mutex_lock(&recursive);
    pthread_mutex_lock(&recursive);
    nested++;
    pthread_mutex_unlock(&recursive);
    pthread_mutex_unlock(&recursive);
    if (i % 50 == 0) {
      struct timespec until;
      clock_gettime(CLOCK_REALTIME, &until);
      until.tv_sec += 60;
      if (pthread_mutex_timedlock(&plain, &until) == 0) {
        timed++;
        struct timespec nap = {0, 200000};
        nanosleep(&nap, NULL); /* at: nap */
        pthread_mutex_unlock(&plain);
      }
    }
  }
  return unused;
}

int main(void) {
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, count, NULL);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  printf("%ld %ld %ld\n", counted, nested, timed);
  return 0; /* at: end */
}
