// A file that is mapped and written by system calls too: each way sees what the other one wrote.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void) {
  char name[] = "mapped_write_XXXXXX";
  int file = mkstemp(name);
  unlink(name);
  ftruncate(file, 3 * 4096);
  char *map = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  const char *view = mmap(NULL, 3 * 4096, PROT_READ, MAP_SHARED, file, 0);
  unsigned sum = 0;
  for (int i = 0; i < 8; i++) {
    char text[32];
    int length = snprintf(text, sizeof text, "entry %d;", i);
    pwrite(file, text, (size_t)length, i * 1000); /* at: write */
    sum = sum * 31 + (unsigned char)view[i * 1000 + 6];
    map[i * 1000 + 6] += 2; /* at: store */
    char back[8] = {0};
    pread(file, back, 7, i * 1000);
    sum = sum * 31 + (unsigned char)back[6];
  }
  struct iovec parts[2] = {{"two ", 4}, {"parts", 5}};
  pwritev(file, parts, 2, 2 * 4096);
  printf("sum %u, %.9s, %.7s\n", sum, view + 2 * 4096, view + 3000);
  return 0; /* at: end */
}
