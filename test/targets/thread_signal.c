// Signals for one thread: its handler runs on it, in a wait and in a computation; the others do not see them.
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static sem_t ready, seen;
static volatile int go_on = 1;
static volatile pthread_t handled_by;
static volatile int handled;
static int right, wrong;

static void on_signal(int number) {
  (void)number;
  handled_by = pthread_self();
  handled++;
  sem_post(&seen); /* at: handler */
}

static void *sleep_long(void *unused) {
  sem_post(&ready);
  while (handled < 3) usleep(100000);
  return unused;
}

static void *compute(void *unused) {
  sem_post(&ready);
  while (go_on) {
  }
  return unused;
}

static void send(pthread_t thread) {
  pthread_kill(thread, SIGUSR1);
  while (sem_wait(&seen) != 0) {
  }
  pthread_equal(handled_by, thread) ? right++ : wrong++;
}

int main(void) {
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGUSR1, &action, NULL);
  sem_init(&ready, 0, 0);
  sem_init(&seen, 0, 0);
  pthread_t sleeper, computer;
  pthread_create(&sleeper, NULL, sleep_long, NULL);
  sem_wait(&ready);
  for (int i = 0; i < 3; i++) send(sleeper);
  pthread_create(&computer, NULL, compute, NULL);
  sem_wait(&ready);
  send(computer);
  go_on = 0;
  pthread_join(sleeper, NULL);
  pthread_join(computer, NULL);
  printf("right %d wrong %d\n", right, wrong);
  return 0; /* at: end */
}
