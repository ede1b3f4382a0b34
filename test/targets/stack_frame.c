// One frame of 2 MB, touched from both ends: the stack grows by a jump and not page by page.
#include <stdio.h>

static int big_frame(int fill) {
  volatile char frame[2 << 20];
  frame[0] = (char)fill; /* at: far-end */
  frame[(2 << 20) - 1] = (char)(fill + 1);
  for (int i = 4096; i < 2 << 20; i += 65536) frame[i] = (char)i; /* at: between */
  return frame[0] + frame[(2 << 20) - 1];                         /* at: leaving */
}

int main(void) {
  int before = big_frame(1); /* at: first */
  int after = big_frame(5);  /* at: second */
  printf("%d %d\n", before, after); /* at: end */
  return 0;
}
