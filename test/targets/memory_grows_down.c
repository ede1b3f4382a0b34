// A mapping that the kernel extends downwards as it is touched (MAP_GROWSDOWN), beside the real stack.
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>

int main(void) {
  const size_t page = 4096, room = 600;
  char *area = mmap(NULL, room * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  munmap(area, room * page);
  char *top = area + room * page;
  char *start = mmap(top - 2 * page, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
  int sum = 0;
  for (int i = 1; i <= 40; i++) {
    char *at = top - i * page; /* at: grow */
    *at = (char)i;
    sum += *at;
  }
  munmap(top - 40 * page, 40 * page); /* at: unmap */
  printf("grown %d, sum %d\n", start == top - 2 * page, sum);
  return 0; /* at: end */
}
