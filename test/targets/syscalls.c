// Nothing but system calls: getppid, and small reads and writes on a pipe (argument: rounds, default 2000).
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static long bytes;
static int ends[2];

int main(int argc, char **argv) {
  long rounds = argc > 1 ? atol(argv[1]) : 2000;
  if (pipe(ends) != 0) return 1;
  for (long round = 0; round < rounds; round++) {
    char letter = (char)('a' + round % 26), back;
    syscall(SYS_getppid);                                                              /* at: cheap */
    if (write(ends[1], &letter, 1) != 1 || read(ends[0], &back, 1) != 1) return 1;     /* at: round */
    bytes += back == letter;
  }
  printf("%ld bytes\n", bytes); /* at: end */
  return 0;
}
