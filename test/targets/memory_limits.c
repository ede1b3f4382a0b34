// Allows itself less memory than it has used: what is gone by then does not fit any more.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

enum { MEGABYTE = 1 << 20 };

static int allow(rlim_t megabytes) {
  struct rlimit limit;
  getrlimit(RLIMIT_AS, &limit);
  limit.rlim_cur = megabytes * MEGABYTE;
  return setrlimit(RLIMIT_AS, &limit);
}

int main(void) {
  char *used = mmap(NULL, 20 * MEGABYTE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 20; i++) memset(used + i * MEGABYTE, i, 100);
  int sum = 0;
  for (int i = 0; i < 20; i++) sum += used[i * MEGABYTE + 50];
  allow(60); /* at: some */
  void *large = mmap(NULL, 100 * MEGABYTE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(used, 20 * MEGABYTE);
  allow(8); /* at: little */
  void *none = malloc(8 * MEGABYTE);
  printf("sum %d, too large %d, none left %d\n", sum, large == MAP_FAILED, none == NULL);
  return 0; /* at: end */
}
