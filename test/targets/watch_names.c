// Names that mean other variables elsewhere, arguments, locals without a first value, and functions with effects to watch.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int total, calls;
static int *nowhere;

int changed(void) { return ++calls; }
int crashed(void) { return total > 5 ? *nowhere : 0; }

static int twice(int x) {
  int result;
  result = 2 * x; /* at: result */
  return result;
}

static void shadows(int x) {
  int total = 7 * x; /* at: shadow */
  if (x > 0) {
    int x = total;
    total = x + 1; /* at: inner */
  }
}

static void add(int x) {
  total += twice(x); /* at: add */
  shadows(x);
}

int main(void) {
  for (int i = 0; i < 4; i++) add(i); /* at: loop */
  printf("total %d\n", total);        /* at: end */
  return 0;
}

int noisy(void) {
  printf("noisy looks at %d\n", total);
  fflush(stdout);
  return total;
}
int unending(void) {
  const char *told = getenv("UNENDING_BEGINS");
  if (told) close(creat(told, 0600));
  for (;;) calls++;
}
