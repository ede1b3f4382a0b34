// time, gettimeofday, clock_gettime of several clocks, clock, times, getrusage; the order of the values is checked.
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

static struct timespec monotonic[100];
static struct timeval day;
static time_t seconds;
static struct tm broken_down;

int main(void) {
  seconds = time(NULL);        /* at: time */
  gettimeofday(&day, NULL);    /* at: day */
  localtime_r(&seconds, &broken_down);
  for (int i = 0; i < 100; i++) clock_gettime(CLOCK_MONOTONIC, &monotonic[i]); /* at: monotonic */
  struct timespec cpu, real;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
  clock_gettime(CLOCK_REALTIME, &real); /* at: real */
  struct tms used;
  clock_t ticks = times(&used);
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage); /* at: usage */
  int rising = 1;
  for (int i = 1; i < 100; i++) {
    long long before = monotonic[i - 1].tv_sec * 1000000000LL + monotonic[i - 1].tv_nsec;
    rising &= monotonic[i].tv_sec * 1000000000LL + monotonic[i].tv_nsec >= before;
  }
  int agree = day.tv_sec - seconds <= 1 && real.tv_sec - seconds <= 5;
  printf("rising %d agree %d year %d cpu %d\n", rising, agree, broken_down.tm_year >= 120, ticks != (clock_t)-1 && cpu.tv_sec < 60); /* at: end */
  return 0;
}
