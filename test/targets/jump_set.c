// setjmp and longjmp: out of deep calls, and as a retry loop.
#include <setjmp.h>
#include <stdio.h>

static jmp_buf retry, escape;
static int attempts, depth_reached;

static void dig(int depth) {
  depth_reached = depth;
  if (depth == 30) longjmp(escape, depth); /* at: jump */
  dig(depth + 1);
}

int main(void) {
  int tried = setjmp(retry); /* at: retry */
  attempts++;
  if (tried < 4) longjmp(retry, tried + 1); /* at: again */
  int from = setjmp(escape);
  if (from == 0) dig(0); /* at: dig */
  printf("%d attempts, back from depth %d of %d\n", attempts, from, depth_reached); /* at: end */
  return 0;
}
