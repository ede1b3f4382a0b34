// A constructor gives a variable its value before main; later it changes and gets the same value again.
#include <stdio.h>

long odd;

__attribute__((constructor)) static void early(void) { odd = 3; /* at: early */ }

static void count(long i) {
  if (i % 2) odd++;
}

int main(void) {
  for (long i = 0; i < 20; i++) count(i);
  odd = 3;             /* at: again */
  printf("%ld\n", odd); /* at: end */
  return 0;
}
