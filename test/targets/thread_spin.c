// Threads that wait without sleeping: a flag, a spin lock, and a flag with a counter beside it.
#include <pthread.h>
#include <stdio.h>

static volatile int flag, second;
static volatile long turns;
static pthread_spinlock_t lock;
static int guarded;

static void *spin(void *unused) {
  while (!flag) { /* at: spin */
  }
  pthread_spin_lock(&lock);
  guarded++;
  pthread_spin_unlock(&lock);
  while (!second) turns++;
  return unused;
}

int main(void) {
  pthread_t thread;
  pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
  pthread_spin_lock(&lock);
  pthread_create(&thread, NULL, spin, NULL);
  flag = 1; /* at: flag */
  for (volatile int i = 0; i < 20000000; i++) {
  }
  guarded++;
  pthread_spin_unlock(&lock);
  for (volatile int i = 0; i < 20000000; i++) {
  }
  second = 1;
  pthread_join(thread, NULL);
  printf("guarded %d\n", guarded);
  return 0; /* at: end */
}
