// Prints one variable of its environment, and changes it for itself.
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>

extern char **environ;
static int count;

int main(void) {
  const char *value = getenv("FRED_TARGET"); /* at: get */
  printf("FRED_TARGET=%s\n", value ? value : "(unset)");
  setenv("FRED_TARGET", "changed by the program itself", 1); /* at: set */
  for (char **variable = environ; *variable; variable++) count++;
  printf("now %s, some variables: %d\n", getenv("FRED_TARGET"), count > 0); /* at: end */
  return 0;
}
