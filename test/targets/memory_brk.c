// The program break moved up and down by hand; pages given back come again as zeros.
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *base;
static int zeros;

int main(void) {
  base = sbrk(0);
  if (sbrk(10 * 4096) == (void *)-1) return 1; /* at: grow */
  memset(base, 5, 10 * 4096);                  /* at: fill */
  int sum = base[0] + base[40000];
  sbrk(-5 * 4096); /* at: shrink */
  sum += base[10000];
  sbrk(5 * 4096); /* at: grow-again */
  for (int i = 5 * 4096; i < 10 * 4096; i++) zeros += base[i] == 0;
  int restored = brk(base) == 0 && sbrk(0) == base; /* at: reset */
  char text[64];
  int length = snprintf(text, sizeof text, "sum %d zeros %d restored %d\n", sum, zeros, restored);
  return write(1, text, (size_t)length) == length ? 0 : 1; /* at: end */
}
