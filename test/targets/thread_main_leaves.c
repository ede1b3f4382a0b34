// The first thread ends before the others; the last one ends the program.
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static pthread_t first;

static void *stay(void *unused) {
  pthread_join(first, NULL);
  usleep(1000);
  printf("the first one is gone\n"); /* at: gone */
  return unused;
}

int main(void) {
  pthread_t thread;
  first = pthread_self();
  pthread_create(&thread, NULL, stay, NULL);
  pthread_detach(thread);
  pthread_exit(NULL); /* at: leave */
}
