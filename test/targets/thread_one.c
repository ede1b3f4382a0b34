// One thread beside the main one: it counts, and is joined.
#include <pthread.h>
#include <stdio.h>

static int counted;

static void *count(void *argument) {
  for (int i = 0; i < *(int *)argument; i++) counted++; /* at: thread */
  return NULL;
}

int main(void) {
  pthread_t thread;
  int times = 1000;
  if (pthread_create(&thread, NULL, count, &times) != 0) return 1; /* at: create */
  pthread_join(thread, NULL);                                      /* at: join */
  printf("counted %d\n", counted);                                 /* at: end */
  return 0;
}
