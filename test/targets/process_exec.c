// Executes itself again with one argument more.
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc == 1) {
    char *again[] = {argv[0], "again", NULL};
    execv("/proc/self/exe", again); /* at: exec */
    return 1;
  }
  printf("executed %s\n", argv[1]); /* at: end */
  return 0;
}
