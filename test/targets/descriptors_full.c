// Opens as many files as it may, maps one of them, and maps again when not even one descriptor is free.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

int main(void) {
  struct rlimit limit = {.rlim_cur = 64, .rlim_max = 64};
  setrlimit(RLIMIT_NOFILE, &limit);
  int last = -1, opened = 0;
  for (int fd; (fd = open("/proc/self/exe", O_RDONLY)) >= 0; last = fd) opened++;
  const char *first = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, last, 0); /* at: full */
  const char *second = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, last, 0);
  int sum = first[1] + second[2];
  munmap((void *)first, 4096);
  close_range(3, ~0u, 0);
  limit.rlim_cur = 3;
  setrlimit(RLIMIT_NOFILE, &limit);
  printf("all %d, sum %d, none left %d\n", opened > 50, sum + second[3], open("/dev/null", O_RDONLY) == -1 && errno == EMFILE);
  return 0; /* at: end */
}
