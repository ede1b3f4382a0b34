// Tree recursion: fib(15) with a count of its calls.
#include <stdio.h>

static int calls;

static int fib(int n) {
  calls++;
  if (n < 2) return n; /* at: base */
  return fib(n - 1) + fib(n - 2); /* at: recursion */
}

int main(void) {
  int result = fib(15); /* at: call */
  printf("fib %d in %d calls\n", result, calls); /* at: end */
  return 0;
}
