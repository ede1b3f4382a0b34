// rdtsc and rdtscp: rising values, read in a loop.
#include <stdint.h>
#include <stdio.h>
#include <x86intrin.h>

static uint64_t stamps[50];
static unsigned processor;

int main(void) {
  for (int i = 0; i < 50; i++) stamps[i] = i % 2 ? __rdtsc() : __rdtscp(&processor); /* at: stamp */
  int rising = 1;
  for (int i = 1; i < 50; i++) rising &= stamps[i] >= stamps[i - 1];
  printf("rising %d\n", rising); /* at: end */
  return 0;
}
