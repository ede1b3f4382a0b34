// Output by write, printf with and without newline, putchar, stderr and writev.
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("one line\n");           /* at: line */
  printf("no newline yet, ");     /* at: partial */
  printf("now it comes\n");       /* at: completed */
  fflush(stdout);
  if (write(1, "by write\n", 9) != 9) return 1; /* at: write */
  fputs("on stderr\n", stderr);   /* at: stderr */
  for (char c = 'a'; c <= 'z'; c++) putchar(c); /* at: putchar */
  putchar('\n');
  fflush(stdout);
  struct iovec parts[2] = {{.iov_base = "in two ", .iov_len = 7}, {.iov_base = "parts\n", .iov_len = 6}};
  return writev(1, parts, 2) == 13 ? 0 : 1; /* at: end */
}
