// A sleep that a signal interrupts, and one that goes on: what is left is written where the program wants it.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>

static volatile sig_atomic_t alarms;

static void on_alarm(int number) {
  (void)number;
  alarms++; /* at: alarm */
}

int main(void) {
  struct sigaction action = {.sa_handler = on_alarm};
  sigaction(SIGALRM, &action, NULL);
  struct itimerval once = {.it_value = {.tv_usec = 20000}};
  struct timespec wanted = {5, 0}, left = {77, 77};
  setitimer(ITIMER_REAL, &once, NULL); /* at: first */
  const int is_interrupted = nanosleep(&wanted, &left) == -1 && errno == EINTR;
  struct timespec rest = {1, 0}, untouched = {77, 77};
  nanosleep(&rest, &untouched); /* at: second */
  printf("%d, left %d, %ld, alarms %d\n", is_interrupted, left.tv_sec == 4, untouched.tv_sec, alarms);
  return 0; /* at: end */
}
