// Fills, copies, compares and searches large memory with repeated string instructions, while a timer interrupts them.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

static volatile sig_atomic_t ticks;

static void on_tick(int number) {
  (void)number;
  ticks++; /* at: handler */
}

static void fill(char *to, int value, size_t size) {
  __asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory"); /* at: fill */
}

static void copy(char *to, const char *from, size_t size) {
  size_t words = size / 8;
  __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory"); /* at: copy */
}

static size_t equal_bytes(const char *a, const char *b, size_t size) {
  size_t left = size;
  __asm__ volatile("repe cmpsb" : "+D"(a), "+S"(b), "+c"(left) : : "memory", "cc"); /* at: compare */
  return size - left;
}

static size_t position_of(const char *text, char value, size_t size) {
  size_t left = size;
  __asm__ volatile("repne scasb" : "+D"(text), "+c"(left) : "a"(value) : "memory", "cc"); /* at: search */
  return size - left;
}

int main(void) {
  struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &action, NULL);
  struct itimerval every = {.it_interval = {.tv_usec = 2000}, .it_value = {.tv_usec = 2000}}, off = {0};
  setitimer(ITIMER_REAL, &every, NULL);
  const size_t size = 1 << 20;
  char *a = malloc(size), *b = malloc(size);
  unsigned long sum = 0;
  for (int round = 1; round <= 12; round++) {
    for (int again = 0; again < 20; again++) fill(a, round, size);
    a[size - round] = 'x';
    for (int again = 0; again < 20; again++) copy(b, a, size);
    b[size - 5] = 'y';
    sum = sum * 31 + equal_bytes(a, b, size) + position_of(a, 'x', size); /* at: round */
  }
  setitimer(ITIMER_REAL, &off, NULL);
  printf("sum %lu, interrupted %d\n", sum, ticks > 0);
  return 0; /* at: end */
}
