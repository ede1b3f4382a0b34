// A bounded queue: one thread fills it, two empty it, by condition variables.
#include <pthread.h>
#include <stdio.h>

enum { ROOM = 4, ITEMS = 120, CONSUMERS = 2 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER, emptied = PTHREAD_COND_INITIALIZER;
static int queue[ROOM], used, is_done;
static long sum;

static void *produce(void *unused) {
  for (int i = 1; i <= ITEMS; i++) {
    pthread_mutex_lock(&lock);
    while (used == ROOM) pthread_cond_wait(&emptied, &lock);
    queue[used++] = i; /* at: put */
    pthread_cond_signal(&filled);
    pthread_mutex_unlock(&lock);
  }
  pthread_mutex_lock(&lock);
  is_done = 1;
  pthread_cond_broadcast(&filled);
  pthread_mutex_unlock(&lock);
  return unused;
}

static void *consume(void *unused) {
  pthread_mutex_lock(&lock);
  for (;;) {
    while (used == 0 && !is_done) pthread_cond_wait(&filled, &lock);
    if (used == 0) break;
    sum += queue[--used]; /* at: take */
    pthread_cond_signal(&emptied);
  }
  pthread_mutex_unlock(&lock);
  return unused;
}

int main(void) {
  pthread_t producer, consumers[CONSUMERS];
  for (int i = 0; i < CONSUMERS; i++) pthread_create(&consumers[i], NULL, consume, NULL);
  pthread_create(&producer, NULL, produce, NULL);
  pthread_join(producer, NULL);
  for (int i = 0; i < CONSUMERS; i++) pthread_join(consumers[i], NULL);
  printf("sum %ld\n", sum);
  return 0; /* at: end */
}
