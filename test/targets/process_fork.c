// A child process that exits with a code, waited for.
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  pid_t child = fork(); /* at: fork */
  if (child == 0) _exit(5); /* at: child */
  int status = 0;
  waitpid(child, &status, 0);                        /* at: wait */
  printf("child ended with %d\n", WEXITSTATUS(status)); /* at: end */
  return 0;
}
