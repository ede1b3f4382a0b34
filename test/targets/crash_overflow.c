// Endless recursion: the stack runs into its limit and SIGSEGV ends the program.
#include <stdio.h>
#include <sys/resource.h>

static volatile int depth;

static int endless(int value) {
  volatile char frame[1024];
  frame[0] = (char)value;
  depth++;
  return endless(value + 1) + frame[0]; /* at: deeper */
}

int main(void) {
  struct rlimit small = {.rlim_cur = 1 << 20, .rlim_max = 1 << 20};
  setrlimit(RLIMIT_STACK, &small);
  return endless(0); /* at: call */
}
