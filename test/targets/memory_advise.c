// madvise: dropped pages read as zeros, other advice changes nothing.
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGES = 32 };

static char *block;

int main(void) {
  block = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) return 1;
  memset(block, 9, PAGES * 4096);                             /* at: fill */
  madvise(block + 4 * 4096, 8 * 4096, MADV_DONTNEED);         /* at: drop */
  madvise(block, PAGES * 4096, MADV_SEQUENTIAL);              /* at: advice */
  block[5 * 4096] = 1;                                        /* at: refill */
  int sum = 0;
  for (int page = 0; page < PAGES; page++) sum += block[page * 4096 + 100]; /* at: read */
  printf("sum %d\n", sum + block[5 * 4096]); /* at: end */
  return 0;
}
