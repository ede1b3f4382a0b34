// x87 arithmetic: long double, values kept on the register stack, precision control.
#include <math.h>
#include <stdio.h>

static long double series;

static long double factorial(int n) { return n < 2 ? 1.0L : n * factorial(n - 1); /* at: factorial */ }

int main(void) {
  for (int n = 0; n < 20; n++) series += 1.0L / factorial(n); /* at: term */
  long double on_stack;
  __asm__ volatile("fldpi\n\tfld1\n\tfaddp" : "=t"(on_stack)); /* at: asm */
  unsigned short control;
  __asm__ volatile("fnstcw %0" : "=m"(control)); /* at: control */
  printf("%.15Lf %.15Lf %.12Lf %#x\n", series, on_stack, sqrtl(2.0L), control); /* at: end */
  return 0;
}
