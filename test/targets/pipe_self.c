// A pipe that the program writes and reads itself; dup2, fcntl flags, EAGAIN and end of file.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int ends[2];
static char received[256];

int main(void) {
  if (pipe2(ends, O_CLOEXEC) != 0) return 1; /* at: pipe */
  int copy = dup2(ends[1], 17);              /* at: dup */
  for (int i = 0; i < 5; i++) {
    char message[16];
    int length = snprintf(message, sizeof message, "message %d;", i);
    if (write(i % 2 ? copy : ends[1], message, (size_t)length) != length) return 1; /* at: write */
  }
  ssize_t first = read(ends[0], received, 20); /* at: first-read */
  ssize_t rest = read(ends[0], received + first, sizeof received - (size_t)first - 1);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  char spare;
  int would_block = read(ends[0], &spare, 1) < 0 && errno == EAGAIN; /* at: empty */
  close(copy);
  close(ends[1]);
  int at_end = read(ends[0], &spare, 1) == 0; /* at: eof */
  printf("%zd + %zd: %s would block %d, end %d\n", first, rest, received, would_block, at_end); /* at: end */
  return 0;
}
