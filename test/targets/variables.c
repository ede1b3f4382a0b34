// Static, global, local and register variables, shadowing, and a static inside a function.
#include <stdio.h>

int global_count = 3;
static int file_static = 5;
const char *global_text = "global";

static int next_ticket(void) {
  static int ticket = 100; /* at: function-static */
  return ++ticket;         /* at: ticket */
}

static int shadow(int value) {
  int result = value;
  for (int value = 0; value < 3; value++) {
    int result_before = result;
    result = result_before + value; /* at: shadowed */
  }
  return result;
}

int main(void) {
  int local = 7;
  register int fast = 9;
  char text[16] = "local";
  global_count += local;                /* at: global-write */
  file_static *= fast;                  /* at: static-write */
  text[0] = 'L';                        /* at: array-write */
  local = next_ticket() + next_ticket(); /* at: local-write */
  int shadowed = shadow(local);
  printf("%d %d %d %d %s %s\n", global_count, file_static, local, shadowed, text, global_text); /* at: end */
  return 0;
}
