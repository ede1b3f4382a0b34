// Thread-local variables of the only thread, in C and by errno.
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static __thread int counter = 10;
static __thread char text[4096 * 2];

int main(void) {
  for (int i = 0; i < 5; i++) counter += i; /* at: count */
  text[8000] = 'x';                         /* at: far */
  close(-1);                                /* at: fail */
  int code = errno;
  printf("%d %c %s\n", counter, text[8000], code == EBADF ? "EBADF" : "?"); /* at: end */
  return 0;
}
