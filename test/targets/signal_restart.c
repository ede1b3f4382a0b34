// A read interrupted by a signal: EINTR without SA_RESTART, carried on with it. The handler itself feeds the pipe.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

static int ends[2];
static volatile sig_atomic_t alarms;

static void on_alarm(int number) {
  (void)number;
  alarms++; /* at: handler */
  if (alarms == 2 && write(ends[1], "x", 1) != 1) _exit(1);
}

static ssize_t read_with_alarm(int flags) {
  struct sigaction action = {.sa_handler = on_alarm, .sa_flags = flags};
  sigaction(SIGALRM, &action, NULL);
  struct itimerval once = {.it_value = {.tv_usec = 20000}};
  setitimer(ITIMER_REAL, &once, NULL);
  char byte;
  return read(ends[0], &byte, 1); /* at: read */
}

int main(void) {
  if (pipe(ends) != 0) return 1;
  ssize_t first = read_with_alarm(0); /* at: plain */
  int was_interrupted = errno == EINTR;
  ssize_t second = read_with_alarm(SA_RESTART); /* at: restarting */
  printf("%zd interrupted %d, then %zd after %d alarms\n", first, was_interrupted, second, alarms); /* at: end */
  return 0;
}
