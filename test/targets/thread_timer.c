// A computing thread, a sleeping one that wakes every millisecond, and an interval timer whose signal either of them may get.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>

static volatile sig_atomic_t ticks;
static volatile int is_over;
static volatile long rounds;

static void on_tick(int number) {
  (void)number;
  ticks++; /* at: tick */
}

static void *compute(void *unused) {
  while (!is_over) rounds++;
  return unused;
}

int main(void) {
  struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &action, NULL);
  struct itimerval interval = {{0, 5000}, {0, 5000}};
  pthread_t thread;
  pthread_create(&thread, NULL, compute, NULL);
  setitimer(ITIMER_REAL, &interval, NULL);
  for (int i = 0; i < 10 || ticks < 5; i++) {
    struct timespec nap = {0, 1000000};
    nanosleep(&nap, NULL); /* at: nap */
  }
  is_over = 1;
  pthread_join(thread, NULL);
  printf("ticks %d rounds %d\n", ticks >= 5, rounds > 0);
  return 0; /* at: end */
}
