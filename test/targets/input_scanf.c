// Adds the numbers read by scanf until the end of the input.
#include <stdio.h>

static int count;
static long sum;

int main(void) {
  long number;
  while (scanf("%ld", &number) == 1) {
    sum += number; /* at: read */
    count++;
  }
  printf("%d numbers, sum %ld\n", count, sum); /* at: end */
  return 0;
}
