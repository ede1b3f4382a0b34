// A profiler: a timer of processor time and one of real time fire some hundred times into computing loops.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

static volatile sig_atomic_t samples, alarms;
static unsigned table[4096];

static void on_profile(int number) {
  (void)number;
  samples++;
}

static void on_alarm(int number) {
  (void)number;
  alarms++;
}

static unsigned mix(unsigned x) { /* at: mix */
  x ^= x << 13;
  x ^= x >> 17;
  return x ^ x << 5;
}

int main(void) {
  struct sigaction profile = {.sa_handler = on_profile, .sa_flags = SA_RESTART};
  struct sigaction alarm = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
  sigaction(SIGPROF, &profile, NULL);
  sigaction(SIGALRM, &alarm, NULL);
  struct itimerval every = {.it_interval = {.tv_usec = 1000}, .it_value = {.tv_usec = 1000}}, off = {0};
  setitimer(ITIMER_PROF, &every, NULL);
  setitimer(ITIMER_REAL, &every, NULL);
  unsigned x = 1;
  for (int round = 0; round < 600; round++) {
    for (int i = 0; i < 4096; i++) table[i] = x = mix(x);
    char copy[sizeof table / 4];
    memcpy(copy, table, sizeof copy);
    x += (unsigned char)copy[round]; /* at: round */
  }
  setitimer(ITIMER_PROF, &off, NULL);
  setitimer(ITIMER_REAL, &off, NULL);
  printf("checksum %u, interrupted %d\n", x, samples + alarms > 0);
  return 0; /* at: end */
}
