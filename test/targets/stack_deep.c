// Recursion 5,000 frames deep, about 1.5 MB of stack, unwound again.
#include <stdio.h>

static long deepest_sum;

static long descend(int depth) {
  volatile char frame[256];
  frame[depth % 256] = (char)depth;
  if (depth == 0) return deepest_sum = frame[0]; /* at: bottom */
  return descend(depth - 1) + frame[depth % 256]; /* at: unwinding */
}

int main(void) {
  long shallow = descend(10); /* at: shallow */
  long deep = descend(5000);  /* at: deep */
  printf("%ld %ld\n", shallow, deep); /* at: end */
  return 0;
}
