// Follows a pointer that a freed list has left behind as NULL: SIGSEGV in the third call.
#include <stdio.h>

struct item {
  struct item *next;
  int value;
};

static struct item third = {NULL, 3}, second = {&third, 2}, first = {&second, 1};

static int value_at(const struct item *item, int index) {
  while (index-- > 0) item = item->next;
  return item->value; /* at: crash */
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  for (int index = 0; index < 5; index++) printf("%d\n", value_at(&first, index)); /* at: call */
  return 0;
}
