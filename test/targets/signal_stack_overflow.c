// Overflows its stack three times, catches that on another stack, and jumps out of the handler.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static sigjmp_buf back;
static volatile int depth;

static void on_fault(int number) {
  siglongjmp(back, number); /* at: handler */
}

static int sink(volatile char *above) {
  volatile char frame[4000];
  frame[0] = above[0];
  depth++;
  return sink(frame) + frame[0];
}

int main(void) {
  struct rlimit limit = {.rlim_cur = 256 * 1024, .rlim_max = RLIM_INFINITY};
  getrlimit(RLIMIT_STACK, &limit);
  limit.rlim_cur = 1024 * 1024;
  setrlimit(RLIMIT_STACK, &limit);
  stack_t other = {.ss_sp = malloc(65536), .ss_size = 65536};
  sigaltstack(&other, NULL);
  struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_ONSTACK};
  sigaction(SIGSEGV, &action, NULL);
  int caught = 0, deep = 0;
  for (int i = 0; i < 3; i++) {
    depth = 0;
    volatile char start = 0;
    if (sigsetjmp(back, 1) == 0)
      sink(&start);
    else
      caught++; /* at: caught */
    deep += depth > 200;
  }
  printf("caught %d, deep %d\n", caught, deep);
  return 0; /* at: end */
}
