// An interval timer interrupts a computing loop; the loop ends when the handler has run often enough.
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

static volatile sig_atomic_t ticks;
static volatile unsigned long rounds;
static unsigned long rounds_at[5];

static void on_tick(int number) {
  (void)number;
  if (ticks < 5) rounds_at[ticks] = rounds; /* at: handler */
  ticks++;
}

int main(void) {
  struct sigaction action = {.sa_handler = on_tick};
  sigaction(SIGALRM, &action, NULL);
  struct itimerval interval = {.it_interval = {.tv_usec = 10000}, .it_value = {.tv_usec = 10000}};
  setitimer(ITIMER_REAL, &interval, NULL); /* at: start */
  while (ticks < 5) rounds++;              /* at: busy */
  struct itimerval off = {0};
  setitimer(ITIMER_REAL, &off, NULL); /* at: stop */
  int rising = 1;
  for (int i = 1; i < 5; i++) rising &= rounds_at[i] >= rounds_at[i - 1];
  printf("5 ticks, rising %d\n", rising); /* at: end */
  return 0;
}
