// A file mapped privately and shared: the private copy stays private, the shared one reaches the file.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SIZE = 3 * 4096 };

static char path[] = "/tmp/fred-target-XXXXXX";
static char *shared_view, *private_view;

int main(void) {
  int fd = mkstemp(path);
  if (fd < 0 || ftruncate(fd, SIZE) != 0) return 1;
  unlink(path);
  shared_view = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);   /* at: map-shared */
  private_view = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0); /* at: map-private */
  if (shared_view == MAP_FAILED || private_view == MAP_FAILED) return 1;
  strcpy(shared_view + 4096, "through the shared view"); /* at: write-shared */
  strcpy(private_view, "only in the private view");      /* at: write-private */
  char read_back[32] = "";
  if (pread(fd, read_back, 24, 4096) != 24) return 1; /* at: read-back */
  printf("file: %s\nprivate: %s\nshared start: %d\n", read_back, private_view, shared_view[0]);
  munmap(private_view, SIZE); /* at: unmap */
  munmap(shared_view, SIZE);
  close(fd);
  return 0; /* at: end */
}
