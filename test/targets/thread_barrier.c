// Three threads go through phases together, by a barrier; exactly one is told to be the serial one each time.
#include <pthread.h>
#include <stdio.h>

enum { THREADS = 3, PHASES = 12 };

static pthread_barrier_t barrier;
static int cells[THREADS], serial, is_behind;

static void *work(void *argument) {
  const int id = (int)(long)argument;
  for (int phase = 1; phase <= PHASES; phase++) {
    cells[id] = phase; /* at: phase */
    if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) serial++;
    for (int i = 0; i < THREADS; i++)
      if (cells[i] != phase) is_behind++;
    pthread_barrier_wait(&barrier);
  }
  return NULL;
}

int main(void) {
  pthread_t threads[THREADS];
  pthread_barrier_init(&barrier, NULL, THREADS);
  for (long i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, work, (void *)i);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  pthread_barrier_destroy(&barrier);
  printf("serial %d behind %d\n", serial, is_behind);
  return 0; /* at: end */
}
