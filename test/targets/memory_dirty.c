// Writes one byte into each of N pages (argument, default 10000), in a call of its own between two marked lines.
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static unsigned char *pages;
static long dirtied;

static void dirty(long count, unsigned char value) {
  for (long page = 0; page < count; page++) {
    pages[page * 4096] = value;
    dirtied++;
  }
}

static void done(void) { dirtied += 0; /* at: done */ }

int main(int argc, char **argv) {
  long count = argc > 1 ? atol(argv[1]) : 10000;
  pages = mmap(NULL, (size_t)count * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return 1;
  dirty(count, 1); /* at: first */
  dirty(count, 2); /* at: second */
  done();
  printf("%ld pages written\n", dirtied); /* at: end */
  return 0;
}
