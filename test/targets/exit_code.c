// Ends with the code given as argument (default 7), after an atexit handler.
#include <stdio.h>
#include <stdlib.h>

static void at_end(void) { puts("at exit"); /* at: handler */ }

int main(int argc, char **argv) {
  atexit(at_end);
  int code = argc > 1 ? atoi(argv[1]) : 7;
  exit(code); /* at: exit */
}
