// Stack blocks whose size is known at run time: alloca in a loop and a variable-length array.
#include <alloca.h>
#include <stdio.h>
#include <string.h>

static int sum_of_blocks(int count) {
  int sum = 0;
  for (int i = 1; i <= count; i++) {
    char *block = alloca((size_t)i * 500); /* at: alloca */
    memset(block, i, (size_t)i * 500);
    sum += block[i * 500 - 1];
  }
  return sum; /* at: blocks */
}

static int sum_of_row(int length) {
  int row[length];
  for (int i = 0; i < length; i++) row[i] = i * i; /* at: row */
  return row[length - 1] + row[length / 2];
}

int main(void) {
  int blocks = sum_of_blocks(60);
  int rows = sum_of_row(100) + sum_of_row(20000);
  printf("%d %d\n", blocks, rows); /* at: end */
  return 0;
}
