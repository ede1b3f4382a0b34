// One hot line executed 300,000 times in one loop; the total leaves its range once, far from both ends.
#include <stdio.h>

static long total;
static int peak_index = -1;

static void add(int i) {
  total += i == 200000 ? 1000000 : i % 3; /* at: hot */
}

int main(void) {
  for (int i = 0; i < 300000; i++) {
    add(i);                                                         /* at: call */
    if (peak_index < 0 && total >= 1000000) peak_index = i; /* at: noticed */
  }
  printf("total %ld, noticed at %d\n", total, peak_index); /* at: end */
  return 0;
}
