// One kind of work at a time, timed by itself: what a recording costs depends on what the program does.
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 64, BLOCK = 65536, FILE_BYTES = 64 << 20, PLAYERS = 8 };

static void die(const char *what) {
  perror(what);
  exit(1);
}

// 64 bytes through a pipe, there and back out.
static void calls(long rounds) {
  int ends[2];
  char piece[PIECE] = {0};
  if (pipe(ends) != 0) die("pipe");
  for (long i = 0; i < rounds; i++)
    if (write(ends[1], piece, PIECE) != PIECE || read(ends[0], piece, PIECE) != PIECE) die("pipe");
}

static void copy(long rounds) {
  static char block[BLOCK];
  char from[] = "/tmp/fred-bench-XXXXXX", to[] = "/tmp/fred-bench-XXXXXX";
  int in = mkstemp(from), out = mkstemp(to);
  if (in < 0 || out < 0) die("mkstemp");
  unlink(from);
  unlink(to);
  if (ftruncate(in, FILE_BYTES) != 0) die("ftruncate");
  for (long i = 0; i < rounds; i++) {
    lseek(in, 0, SEEK_SET);
    lseek(out, 0, SEEK_SET);
    for (ssize_t n; (n = read(in, block, BLOCK)) > 0;)
      if (write(out, block, (size_t)n) != n) die("write");
  }
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed[PLAYERS];
static int holder;
static long left;

static void *play(void *number) {
  const int me = (int)(long)number;
  pthread_mutex_lock(&lock);
  for (;;) {
    while (holder != me && left > 0) pthread_cond_wait(&changed[me], &lock);
    if (left <= 0) break;
    left--;
    holder = (me + 1) % PLAYERS;
    pthread_cond_signal(&changed[holder]);
  }
  for (int i = 0; i < PLAYERS; i++) pthread_cond_signal(&changed[i]);
  pthread_mutex_unlock(&lock);
  return NULL;
}

// Eight threads that hand a ball to the next one.
static void ping_pong(long rounds) {
  pthread_t threads[PLAYERS];
  left = rounds;
  for (int i = 0; i < PLAYERS; i++) pthread_cond_init(&changed[i], NULL);
  for (long i = 0; i < PLAYERS; i++) pthread_create(&threads[i], NULL, play, (void *)i);
  for (int i = 0; i < PLAYERS; i++) pthread_join(threads[i], NULL);
}

static void churn(long rounds) {
  enum { SLOTS = 1024 };
  static char *slots[SLOTS];
  unsigned x = 1;
  for (long i = 0; i < rounds; i++) {
    x = x * 1103515245 + 12345;
    char **slot = &slots[x >> 16 & (SLOTS - 1)];
    free(*slot);
    const size_t size = 16 + (x >> 4 & 4095);
    *slot = malloc(size);
    if (*slot == NULL) die("malloc");
    memset(*slot, (int)i, size < 64 ? size : 64);
  }
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const long rounds = atol(argv[2]);
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  if (strcmp(argv[1], "calls") == 0) calls(rounds);
  else if (strcmp(argv[1], "copy") == 0) copy(rounds);
  else if (strcmp(argv[1], "ping-pong") == 0) ping_pong(rounds);
  else if (strcmp(argv[1], "churn") == 0) churn(rounds);
  else return 2;
  clock_gettime(CLOCK_MONOTONIC, &end);
  printf("elapsed_ns %ld\n", (end.tv_sec - start.tv_sec) * 1000000000 + (end.tv_nsec - start.tv_nsec));
  return 0;
}
