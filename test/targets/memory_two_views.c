// Shared memory mapped twice, written through the one view and the other in turn.
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 4 };

static char *front, *back;
static int sum;

static void look(void) {
  for (int i = 0; i < PAGES; i++) sum += back[i * PAGE] - 'a'; /* at: look */
}

int main(void) {
  const int fd = memfd_create("views", 0);
  if (ftruncate(fd, PAGES * PAGE) != 0) return 1;
  front = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  back = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (front == MAP_FAILED || back == MAP_FAILED) return 1;
  for (int i = 0; i < PAGES; i++) back[i * PAGE] = 'a';
  for (int round = 0; round < 12; round++) {
    look();
    (round % 2 ? front : back)[round / 2 % PAGES * PAGE]++; /* at: write */
  }
  printf("sum %d, %c%c\n", sum, back[0], back[3 * PAGE]);
  return 0; /* at: end */
}
