// rand with a fixed seed, getrandom, getentropy and /dev/urandom; only the first is printed.
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

static unsigned char bytes[3][16];
static int predictable;

int main(void) {
  srand(7);
  for (int i = 0; i < 10; i++) predictable = predictable * 3 % 1000 + rand() % 100; /* at: rand */
  if (getrandom(bytes[0], 16, 0) != 16) return 1;                                   /* at: getrandom */
  if (getentropy(bytes[1], 16) != 0) return 1;
  int fd = open("/dev/urandom", O_RDONLY);
  if (read(fd, bytes[2], 16) != 16) return 1; /* at: urandom */
  int non_zero = 0;
  for (int i = 0; i < 48; i++) non_zero |= bytes[i / 16][i % 16];
  printf("%d, random bytes %s\n", predictable, non_zero ? "seen" : "all zero"); /* at: end */
  return 0;
}
