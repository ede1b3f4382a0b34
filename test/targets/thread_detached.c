// Detached threads end by themselves; the last one to leave rings.
#include <pthread.h>
#include <stdio.h>

enum { THREADS = 6 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t bell = PTHREAD_COND_INITIALIZER;
static int left = THREADS;

static void *leave(void *unused) {
  pthread_mutex_lock(&lock);
  if (--left == 0) pthread_cond_signal(&bell); /* at: leave */
  pthread_mutex_unlock(&lock);
  return unused;
}

int main(void) {
  pthread_attr_t detached;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  for (int i = 0; i < THREADS; i++) {
    pthread_t thread;
    pthread_create(&thread, &detached, leave, NULL);
  }
  pthread_mutex_lock(&lock);
  while (left > 0) pthread_cond_wait(&bell, &lock);
  pthread_mutex_unlock(&lock);
  printf("left %d\n", left);
  return 0; /* at: end */
}
