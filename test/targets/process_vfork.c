// vfork and execve of /bin/true, waited for.
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  pid_t child = vfork(); /* at: vfork */
  if (child == 0) {
    execl("/bin/true", "true", (char *)NULL);
    _exit(127);
  }
  int status = 1;
  waitpid(child, &status, 0);
  printf("true ended with %d\n", WEXITSTATUS(status)); /* at: end */
  return 0;
}
