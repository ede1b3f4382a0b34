// mprotect: read-only and back, no access and back, and a page made executable and called.
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static unsigned char *pages;

int main(void) {
  pages = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); /* at: map */
  if (pages == MAP_FAILED) return 1;
  memset(pages, 1, 4 * 4096);
  mprotect(pages + 4096, 4096, PROT_READ); /* at: read-only */
  int sum = pages[4096] + pages[8191];
  mprotect(pages + 4096, 4096, PROT_READ | PROT_WRITE); /* at: writable */
  pages[5000] = 7;                                      /* at: written */
  mprotect(pages + 8192, 4096, PROT_NONE);              /* at: none */
  pages[0] = 2;
  mprotect(pages + 8192, 4096, PROT_READ | PROT_WRITE);
  sum += pages[8192] + pages[5000] + pages[0];
  static const unsigned char return_42[] = {0xb8, 42, 0, 0, 0, 0xc3};  // mov eax, 42; ret
  memcpy(pages + 3 * 4096, return_42, sizeof return_42);
  mprotect(pages + 3 * 4096, 4096, PROT_READ | PROT_EXEC); /* at: executable */
  int (*made)(void) = (int (*)(void))(void *)(pages + 3 * 4096);
  sum += made();           /* at: call */
  printf("sum %d\n", sum); /* at: end */
  return 0;
}
