// Kills itself by SIGTERM, which it does not handle.
#include <signal.h>
#include <stdio.h>

int main(void) {
  puts("before");
  fflush(stdout);
  raise(SIGTERM); /* at: raise */
  puts("never");
  return 0;
}
