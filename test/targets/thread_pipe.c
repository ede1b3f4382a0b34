// Lines go from thread to thread by pipes; poll and select wait for them.
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/select.h>
#include <unistd.h>

enum { LINES = 30 };

static int first[2], second[2];
static int passed;

static void *pass_on(void *unused) {
  char byte;
  struct pollfd from = {first[0], POLLIN, 0};
  while (poll(&from, 1, -1) > 0 && read(first[0], &byte, 1) == 1) {
    byte++;
    passed++; /* at: pass */
    if (write(second[1], &byte, 1) != 1) break;
  }
  close(second[1]);
  return unused;
}

static void *feed(void *unused) {
  for (int i = 0; i < LINES; i++) {
    char byte = (char)('a' + i % 20);
    if (write(first[1], &byte, 1) != 1) break;
    if (i % 10 == 9) usleep(500);
  }
  close(first[1]);
  return unused;
}

int main(void) {
  pthread_t feeder, passer;
  char text[LINES + 1] = "";
  int length = 0;
  if (pipe(first) != 0 || pipe(second) != 0) return 1;
  pthread_create(&passer, NULL, pass_on, NULL);
  pthread_create(&feeder, NULL, feed, NULL);
  for (;;) {
    fd_set set;
    FD_ZERO(&set);
    FD_SET(second[0], &set);
    if (select(second[0] + 1, &set, NULL, NULL, NULL) != 1) break;
    if (read(second[0], text + length, 1) != 1) break;
    length++; /* at: line */
  }
  pthread_join(feeder, NULL);
  pthread_join(passer, NULL);
  printf("%s %d\n", text, passed);
  return 0; /* at: end */
}
