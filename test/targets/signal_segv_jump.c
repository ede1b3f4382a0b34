// Faults survived: SIGSEGV and SIGFPE handlers that leave by siglongjmp, ten times each.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>

static sigjmp_buf back;
static volatile int recovered[2];
static volatile int zero;
static int *volatile nowhere;

static void on_fault(int number) { siglongjmp(back, number); /* at: handler */ }

int main(void) {
  struct sigaction action = {.sa_handler = on_fault};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGFPE, &action, NULL);
  for (volatile int i = 0; i < 10; i++) {
    int number = sigsetjmp(back, 1); /* at: set */
    if (number == 0) *nowhere = i;   /* at: fault */
    if (number == SIGSEGV) {
      recovered[0]++;
      zero = i / zero; /* at: divide */
    }
    if (number == SIGFPE) recovered[1]++; /* at: recovered */
  }
  printf("%d %d\n", recovered[0], recovered[1]); /* at: end */
  return 0;
}
