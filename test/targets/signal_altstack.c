// A handler on a stack of its own, entered because the ordinary stack has overflowed.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static char *alternate;
static sigjmp_buf back;
static volatile int on_alternate;

static void on_overflow(int number) {
  (void)number;
  char here;
  on_alternate = &here >= alternate && &here < alternate + 65536; /* at: handler */
  siglongjmp(back, 1);
}

static int forever(int depth) {
  volatile char frame[4096];
  frame[0] = (char)depth;
  return forever(depth + 1) + frame[0]; /* at: deeper */
}

int main(void) {
  struct rlimit small = {.rlim_cur = 1 << 20, .rlim_max = 1 << 20};
  setrlimit(RLIMIT_STACK, &small);
  alternate = malloc(65536);
  stack_t stack = {.ss_sp = alternate, .ss_size = 65536};
  sigaltstack(&stack, NULL); /* at: install */
  struct sigaction action = {.sa_handler = on_overflow, .sa_flags = SA_ONSTACK};
  sigaction(SIGSEGV, &action, NULL);
  if (sigsetjmp(back, 1) == 0) forever(0); /* at: overflow */
  printf("on the alternate stack: %d\n", on_alternate); /* at: end */
  free(alternate);
  return 0;
}
