// Once, keys with destructors, and thread-local variables.
#include <pthread.h>
#include <stdio.h>

enum { THREADS = 4 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int made, destroyed;
static _Thread_local long own[64];
static long total;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void destroy(void *value) {
  pthread_mutex_lock(&lock);
  destroyed += *(int *)value; /* at: destroy */
  pthread_mutex_unlock(&lock);
}

static void make(void) {
  made++;
  pthread_key_create(&key, destroy);
}

static void *work(void *argument) {
  static int values[THREADS] = {1, 2, 3, 4};
  const long id = (long)argument;
  pthread_once(&once, make);
  pthread_setspecific(key, &values[id]);
  for (int i = 0; i < 64; i++) own[i] = id * i; /* at: own */
  pthread_mutex_lock(&lock);
  for (int i = 0; i < 64; i++) total += own[i];
  pthread_mutex_unlock(&lock);
  return NULL;
}

int main(void) {
  pthread_t threads[THREADS];
  for (long i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, work, (void *)i);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  printf("made %d destroyed %d total %ld\n", made, destroyed, total);
  return 0; /* at: end */
}
