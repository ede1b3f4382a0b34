// Real-time signals wait in a queue with their values, ordinary ones only once; all are delivered when the mask opens.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static int values[32];
static volatile sig_atomic_t count, plain;

static void on_queued(int number, siginfo_t *info, void *context) {
  (void)context;
  values[count++] = (number - SIGRTMIN) * 1000 + info->si_value.sival_int; /* at: handler */
}

static void on_plain(int number) {
  (void)number;
  plain++;
}

int main(void) {
  struct sigaction queued = {.sa_sigaction = on_queued, .sa_flags = SA_SIGINFO};
  struct sigaction simple = {.sa_handler = on_plain};
  sigaction(SIGRTMIN, &queued, NULL);
  sigaction(SIGRTMIN + 1, &queued, NULL);
  sigaction(SIGUSR1, &simple, NULL);
  sigset_t all, old;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &old);
  for (int i = 1; i <= 4; i++) {
    sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = i});
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 10 * i});
    pthread_sigqueue(pthread_self(), SIGRTMIN, (union sigval){.sival_int = 100 * i});
    raise(SIGUSR1);
    kill(getpid(), SIGUSR1);
  }
  sigprocmask(SIG_SETMASK, &old, NULL); /* at: open */
  long sum = 0;
  for (int i = 0; i < count; i++) sum += values[i];
  printf("%d queued, sum %ld, plain %d\n", count, sum, plain);
  return 0; /* at: end */
}
