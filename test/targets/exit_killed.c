// Ends itself by SIGKILL, which nothing can catch, hold or ignore.
#include <signal.h>
#include <stdio.h>

int main(void) {
  for (int i = 0; i < 3; i++) printf("%d\n", i);
  fflush(stdout);
  raise(SIGKILL); /* at: kill */
  puts("not reached");
  return 0; /* at: end */
}
