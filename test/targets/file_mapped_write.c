// A file that is mapped and then changed by system calls: every view that was not written to shows the change.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 5 };

static char path[] = "/tmp/fred-target-XXXXXX";
static int file;
static char seen[32], *only_read, *own, *shared;

static void put(const char *text, int page) {
  if (pwrite(file, text, strlen(text), page * PAGE) < 0) abort(); /* at: put */
}

static void *map(int protection, int flags, int fd) {
  void *view = mmap(NULL, PAGES * PAGE, protection, flags, fd, 0);
  if (view == MAP_FAILED) abort();
  return view;
}

// One letter of each page, as the views show it.
static void look(int page) {
  size_t length = strlen(seen);
  seen[length] = only_read[page * PAGE];
  seen[length + 1] = own[page * PAGE];
  seen[length + 2] = shared[page * PAGE]; /* at: look */
}

int main(void) {
  file = mkstemp(path);
  int reader = open(path, O_RDONLY);
  unlink(path);
  for (int page = 0; page < PAGES; page++) put((char[]){(char)('a' + page), 0}, page);
  only_read = map(PROT_READ, MAP_SHARED, reader);
  own = map(PROT_READ | PROT_WRITE, MAP_PRIVATE, file); /* at: mapped */
  shared = map(PROT_READ | PROT_WRITE, MAP_SHARED, file);
  look(0);
  put("A", 0); /* at: first */
  look(0);
  own[PAGE] = 'p';
  put("B", 1);
  struct iovec parts[] = {{"C", 1}, {"c", 1}};
  lseek(file, 2 * PAGE, SEEK_SET);
  if (writev(file, parts, 2) != 2) abort();
  look(1);
  look(2);
  munmap(own, PAGES * PAGE);
  put("D", 3); /* at: unmapped */
  own = map(PROT_READ, MAP_PRIVATE, reader);
  look(3);
  put("E", 3);
  look(3);
  if (fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4 * PAGE, PAGE) != 0) abort();
  printf("%s %d\n", seen, own[4 * PAGE] + shared[4 * PAGE] + only_read[4 * PAGE]);
  if (ftruncate(file, 2 * PAGE) != 0) abort(); /* at: shorter */
  printf("%c%c\n", own[0], shared[PAGE]);
  return 0; /* at: end */
}
