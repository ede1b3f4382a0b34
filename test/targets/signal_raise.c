// A handler run by raise and by kill, signal ignored and put back to default.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t hits[2];

static void on_signal(int number) { hits[number == SIGUSR2]++; /* at: handler */ }

int main(void) {
  signal(SIGUSR1, on_signal); /* at: install */
  signal(SIGUSR2, on_signal);
  for (int i = 0; i < 5; i++) raise(SIGUSR1); /* at: raise */
  kill(getpid(), SIGUSR2);                    /* at: kill */
  signal(SIGUSR1, SIG_IGN);
  raise(SIGUSR1); /* at: ignored */
  signal(SIGCHLD, SIG_DFL);
  raise(SIGCHLD); /* at: default-ignored */
  printf("%d %d\n", hits[0], hits[1]); /* at: end */
  return 0;
}
