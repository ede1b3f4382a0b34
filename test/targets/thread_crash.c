// One of three threads reads from nowhere.
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static int *volatile nowhere;
static volatile int wanted = 2;

static void *work(void *argument) {
  if ((long)argument == wanted) return (void *)(long)*nowhere; /* at: crash */
  for (;;) pause();
}

int main(void) {
  pthread_t threads[3];
  printf("before\n");
  fflush(stdout);
  for (long i = 0; i < 3; i++) pthread_create(&threads[i], NULL, work, (void *)i);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  return 0;
}
