// switch, goto, do, break and continue, the comma operator, and calls through function pointers.
#include <stdio.h>

static int add(int a, int b) { return a + b; }
static int multiply(int a, int b) { return a * b; }
static int subtract(int a, int b) { return a - b; }

static int (*const operations[])(int, int) = {add, multiply, subtract};

static int run(const char *program) {
  int accumulator = 1, operand = 0;
next:
  switch (*program++) { /* at: dispatch */
    case '+': operand = 0; break;
    case '*': operand = 1; break;
    case '-': operand = 2; break;
    case '\0': goto done; /* at: leave */
    default: goto next;
  }
  accumulator = operations[operand](accumulator, 3); /* at: indirect-call */
  goto next;
done:
  return accumulator;
}

int main(void) {
  int result = run("+ + * - +x*");
  int odd_sum = 0, i = 0;
  do {
    if (i % 2 == 0) continue;
    if (i > 20) break;
    odd_sum += i; /* at: odd */
  } while (i++, i < 100);
  printf("%d %d\n", result, odd_sum); /* at: end */
  return 0;
}
