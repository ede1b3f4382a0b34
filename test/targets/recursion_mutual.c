// Two functions that call each other, and one that returns through both.
#include <stdio.h>

static int depth, deepest;

static int is_odd(unsigned n);

static int is_even(unsigned n) {
  if (++depth > deepest) deepest = depth;
  int answer = n == 0 ? 1 : is_odd(n - 1); /* at: even */
  depth--;
  return answer;
}

static int is_odd(unsigned n) {
  if (++depth > deepest) deepest = depth;
  int answer = n == 0 ? 0 : is_even(n - 1); /* at: odd */
  depth--;
  return answer;
}

int main(void) {
  int even = is_even(60); /* at: first-call */
  int odd = is_odd(33);   /* at: second-call */
  printf("even %d odd %d deepest %d\n", even, odd, deepest); /* at: end */
  return 0;
}
