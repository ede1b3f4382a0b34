// alarm and pause: the program sleeps in the kernel until a signal comes; sigsuspend and sigtimedwait too.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t alarms;

static void on_alarm(int number) {
  (void)number;
  alarms++; /* at: handler */
}

static void alarm_in(int milliseconds) {
  struct itimerval once = {.it_value = {.tv_usec = milliseconds * 1000}};
  setitimer(ITIMER_REAL, &once, NULL);
}

int main(void) {
  signal(SIGALRM, on_alarm);
  alarm_in(30);
  int interrupted = pause() < 0 && errno == EINTR; /* at: pause */
  sigset_t blocked, old;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGALRM);
  sigprocmask(SIG_BLOCK, &blocked, &old); /* at: block */
  alarm_in(20);
  sigsuspend(&old); /* at: suspend */
  alarm_in(20);
  struct timespec second = {.tv_sec = 1};
  int waited = sigtimedwait(&blocked, NULL, &second); /* at: wait */
  sigprocmask(SIG_SETMASK, &old, NULL);
  printf("interrupted %d, alarms %d, waited for %d\n", interrupted, alarms, waited); /* at: end */
  return 0;
}
