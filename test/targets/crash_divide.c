// Divides by a difference that becomes zero: SIGFPE.
#include <stdio.h>

static volatile int width = 3;

static int ratio(int height) { return height / width; /* at: crash */ }

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  for (int i = 0; i < 10; i++, width--) printf("%d\n", ratio(12)); /* at: call */
  return 0;
}
