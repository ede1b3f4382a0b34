// The shapes of calls that stepping must get right: nested on one line, in a loop, early return, void, no return value used.
#include <stdio.h>

static int trace;

static int twice(int x) {
  int result = 2 * x; /* at: twice-body */
  return result;      /* at: twice-return */
}

static int increment(int x) { return x + 1; /* at: increment-body */ }

static void note(int x) {
  if (x < 0) return; /* at: note-early */
  trace += x;        /* at: note-body */
}

static int outer(int x) {
  int inner = twice(x); /* at: outer-call */
  note(inner);
  return inner + 1; /* at: outer-return */
}

int main(void) {
  int a = 1;                            /* at: first */
  int b = twice(increment(twice(a)));   /* at: nested */
  note(-1);                             /* at: early */
  note(b);                              /* at: void */
  for (int i = 0; i < 3; i++) a += increment(i); /* at: one-line-loop */
  int c = outer(a);                     /* at: two-deep */
  twice(c); note(c); increment(c);      /* at: three-statements */
  printf("%d %d %d %d\n", a, b, c, trace); /* at: end */
  return 0;                             /* at: return */
}
