// write, lseek, read back, append, pread, pwrite, fstat, ftruncate, rename and unlink on one file.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[64] = "/tmp/fred-target-XXXXXX";
static char buffer[64];

static void must(int holds, const char *what) {
  if (!holds) {
    perror(what);
    exit(1);
  }
}

int main(void) {
  int fd = mkstemp(path);
  must(fd >= 0, "mkstemp");
  must(write(fd, "hello, file\n", 12) == 12, "write"); /* at: write */
  must(lseek(fd, 7, SEEK_SET) == 7, "lseek");          /* at: seek */
  must(read(fd, buffer, sizeof buffer) == 5, "read");  /* at: read */
  printf("read back: %s", buffer);
  must(pwrite(fd, "FILE", 4, 7) == 4, "pwrite");
  close(fd);

  fd = open(path, O_WRONLY | O_APPEND);
  must(write(fd, "appended\n", 9) == 9, "append"); /* at: append */
  struct stat status;
  must(fstat(fd, &status) == 0 && status.st_size == 21, "fstat");
  must(ftruncate(fd, 16) == 0, "ftruncate");
  close(fd);

  char renamed[80];
  snprintf(renamed, sizeof renamed, "%s.new", path);
  must(rename(path, renamed) == 0, "rename");
  fd = open(renamed, O_RDONLY);
  memset(buffer, 0, sizeof buffer);
  must(pread(fd, buffer, sizeof buffer, 0) == 16, "pread"); /* at: reread */
  close(fd);
  must(unlink(renamed) == 0, "unlink"); /* at: unlink */
  must(access(renamed, F_OK) != 0, "access");
  printf("at last: %s\n", buffer); /* at: end */
  return 0;
}
