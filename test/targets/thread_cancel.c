// A thread is cancelled while it waits, one while it sleeps, one where it asks for it; handlers clean up.
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static int cleaned, ends[2];

static void clean(void *by) { cleaned += *(int *)by; /* at: clean */ }

static void *read_for_ever(void *unused) {
  int by = 1;
  char byte;
  pthread_cleanup_push(clean, &by);
  while (read(ends[0], &byte, 1) > 0) {
  }
  pthread_cleanup_pop(0);
  return unused;
}

static void *sleep_for_ever(void *unused) {
  int by = 10;
  pthread_cleanup_push(clean, &by);
  for (;;) sleep(1000);
  pthread_cleanup_pop(0);
  return unused;
}

static void *ask(void *unused) {
  int by = 100;
  pthread_cleanup_push(clean, &by);
  for (;;) pthread_testcancel();
  pthread_cleanup_pop(0);
  return unused;
}

int main(void) {
  void *(*const bodies[])(void *) = {read_for_ever, sleep_for_ever, ask};
  int cancelled = 0;
  if (pipe(ends) != 0) return 1;
  for (int i = 0; i < 3; i++) {
    pthread_t thread;
    void *result;
    pthread_create(&thread, NULL, bodies[i], NULL);
    usleep(2000);
    pthread_cancel(thread);
    pthread_join(thread, &result); /* at: join */
    if (result == PTHREAD_CANCELED) cancelled++;
  }
  printf("cleaned %d cancelled %d\n", cleaned, cancelled);
  return 0; /* at: end */
}
