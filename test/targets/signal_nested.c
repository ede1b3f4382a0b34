// A handler interrupted by another signal's handler, and one that is held back by the mask.
#include <signal.h>
#include <stdio.h>
#include <string.h>

static char order[32];

static void note(char mark) { order[strlen(order)] = mark; }

static void inner(int number) {
  (void)number;
  note('i'); /* at: inner */
}

static void outer(int number) {
  (void)number;
  note('<');
  raise(SIGUSR2); /* at: nested */
  note('>');
}

static void masked(int number) {
  (void)number;
  note('(');
  raise(SIGUSR2); /* at: held-back */
  note(')');
}

int main(void) {
  struct sigaction action = {.sa_handler = inner};
  sigaction(SIGUSR2, &action, NULL);
  action.sa_handler = outer;
  sigaction(SIGUSR1, &action, NULL);
  action.sa_handler = masked;
  sigaddset(&action.sa_mask, SIGUSR2);
  sigaction(SIGHUP, &action, NULL);
  raise(SIGUSR1); /* at: raise-nested */
  raise(SIGHUP);  /* at: raise-masked */
  puts(order);    /* at: end */
  return 0;
}
