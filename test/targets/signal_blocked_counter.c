// Reads the time-stamp counter with every signal blocked or ignored; its handler for SIGSEGV stays in place.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <x86intrin.h>

static sigjmp_buf back;
static unsigned long long in_handler;

static void on_fault(int number) {
  in_handler = __rdtsc(); /* at: handler */
  siglongjmp(back, number);
}

static int faults(void) {
  if (sigsetjmp(back, 1) == 0) *(volatile int *)8 = 1;
  return 1;
}

int main(void) {
  struct sigaction action = {.sa_handler = on_fault};
  sigaction(SIGSEGV, &action, NULL);
  int caught = faults();
  sigset_t all, old, now;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &old);
  unsigned long long first = __rdtsc(), second = __rdtsc(); /* at: blocked */
  sigprocmask(SIG_SETMASK, &old, &now);
  caught += faults();
  signal(SIGSEGV, SIG_IGN);
  unsigned long long third = __rdtsc(); /* at: ignored */
  struct sigaction left;
  sigaction(SIGSEGV, &action, &left);
  caught += faults();
  printf("caught %d, rising %d, blocked %d, ignored %d\n", caught, first < second && second < third && in_handler > third,
         sigismember(&now, SIGSEGV), left.sa_handler == SIG_IGN);
  return 0; /* at: end */
}
