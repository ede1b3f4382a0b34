// system and popen: a shell as a child process.
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

int main(void) {
  int status = system("exit 3"); /* at: system */
  FILE *shell = popen("echo from the shell", "r"); /* at: popen */
  char line[64] = "";
  if (!shell || !fgets(line, sizeof line, shell)) return 1;
  pclose(shell);
  printf("system %d, popen: %s", WEXITSTATUS(status), line); /* at: end */
  return 0;
}
