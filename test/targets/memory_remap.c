// mremap: grow in place or move, shrink, and move to a wanted address.
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static char *block;

int main(void) {
  block = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); /* at: map */
  strcpy(block, "still here");
  for (size_t pages = 2; pages <= 64; pages *= 2) {
    block = mremap(block, pages / 2 * 4096, pages * 4096, MREMAP_MAYMOVE); /* at: grow */
    if (block == MAP_FAILED) return 1;
    block[(pages - 1) * 4096] = (char)pages;
  }
  block = mremap(block, 64 * 4096, 4 * 4096, 0); /* at: shrink */
  char *wanted = mmap(NULL, 4 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  block = mremap(block, 4 * 4096, 4 * 4096, MREMAP_MAYMOVE | MREMAP_FIXED, wanted); /* at: move */
  printf("%s, %d %d, moved %d\n", block, block[4096], block[3 * 4096], block == wanted); /* at: end */
  munmap(block, 4 * 4096);
  return 0;
}
