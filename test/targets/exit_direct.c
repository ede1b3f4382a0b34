// _exit from a function, without flushing or handlers.
#include <unistd.h>

static void leave(int code) { _exit(code); /* at: exit */ }

int main(void) {
  if (write(1, "leaving\n", 8) != 8) return 1;
  leave(3); /* at: call */
  return 0;
}
