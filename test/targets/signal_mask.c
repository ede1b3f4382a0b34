// Blocked signals stay pending, are seen by sigpending, and come when they are unblocked; one-shot handlers.
#include <signal.h>
#include <stdio.h>

static volatile sig_atomic_t usr1, usr2;

static void on_signal(int number) {
  if (number == SIGUSR1) usr1++; /* at: handler */
  else usr2++;
}

int main(void) {
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND};
  sigaction(SIGUSR2, &action, NULL);
  action.sa_flags = 0;
  sigaction(SIGUSR1, &action, NULL);
  sigset_t set, pending;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, NULL); /* at: block */
  raise(SIGUSR1);
  raise(SIGUSR1);
  raise(SIGUSR2);
  sigpending(&pending); /* at: pending */
  int held = sigismember(&pending, SIGUSR1) + sigismember(&pending, SIGUSR2);
  int before = usr1 + usr2;
  sigprocmask(SIG_UNBLOCK, &set, NULL); /* at: unblock */
  struct sigaction now;
  sigaction(SIGUSR2, NULL, &now);
  printf("held %d before %d after %d %d reset %d\n", held, before, usr1, usr2, now.sa_handler == SIG_DFL); /* at: end */
  return 0;
}
