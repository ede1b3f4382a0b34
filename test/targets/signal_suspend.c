// Signals that are blocked but for the wait itself: sigsuspend, ppoll and pselect open the mask and close it again.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/select.h>
#include <sys/time.h>

static volatile sig_atomic_t alarms;
static sigset_t mask_in_handler;

static void on_alarm(int number) {
  (void)number;
  alarms++; /* at: handler */
  sigprocmask(SIG_BLOCK, NULL, &mask_in_handler);
}

int main(void) {
  struct sigaction action = {.sa_handler = on_alarm};
  sigaddset(&action.sa_mask, SIGUSR1);
  sigaction(SIGALRM, &action, NULL);
  sigset_t blocked, open, now;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGALRM);
  sigaddset(&blocked, SIGUSR2);
  sigprocmask(SIG_BLOCK, &blocked, &open);
  struct itimerval once = {.it_value = {.tv_usec = 3000}};
  int interrupted = 0, still_blocked = 0;
  for (int i = 0; i < 6; i++) {
    setitimer(ITIMER_REAL, &once, NULL);
    int result = i % 3 == 0   ? sigsuspend(&open)
                 : i % 3 == 1 ? ppoll(NULL, 0, NULL, &open)
                              : pselect(0, NULL, NULL, NULL, NULL, &open); /* at: wait */
    interrupted += result == -1 && errno == EINTR;
    sigprocmask(SIG_BLOCK, NULL, &now);
    still_blocked += sigismember(&now, SIGALRM) && sigismember(&now, SIGUSR2) && !sigismember(&now, SIGUSR1);
  }
  printf("alarms %d, interrupted %d, blocked again %d, in the handler %d%d%d\n", alarms, interrupted, still_blocked,
         sigismember(&mask_in_handler, SIGALRM), sigismember(&mask_in_handler, SIGUSR1), sigismember(&mask_in_handler, SIGUSR2));
  return 0; /* at: end */
}
