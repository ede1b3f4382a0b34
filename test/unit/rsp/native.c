/* Everything a gdb session meets: calls, input, thread-locals, signals, vectors, crashes, endless loops. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int total;
volatile int spins;
__thread int mine = 42;
static volatile int caught;

static void on_signal(int signal) { caught = signal; }

__attribute__((noinline)) int add(int v) {
  int before = total;
  total += v; /* at: add */
  return before;
}

int main(int argc, char **argv) {
  char mode = argc > 1 ? argv[1][0] : '-';
  for (int i = 0; i < 10; i++)
    add(i);
  close(-1);
  mine++;
  __asm__ volatile("mov $0x1122334455667788,%%rax; movq %%rax,%%xmm7" ::: "rax", "xmm7"); /* at: vector */
  if (mode == 'c') *(volatile int *)0 = 1;
  if (mode == 'a') abort();
  signal(SIGUSR1, on_signal);
  if (mode == 's') raise(SIGUSR1); /* at: raise */
  while (mode == 'l') spins++;
  char line[100];
  while (fgets(line, sizeof line, stdin)) printf("got %s", line);
  printf("total %d caught %d\n", total, caught);
  return 7; /* at: end */
}
