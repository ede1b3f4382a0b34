// Counts letters, digits and lines of the input by getchar, with unbuffered reads of one byte.
#include <ctype.h>
#include <stdio.h>

static int letters, digits, lines;

int main(void) {
  setvbuf(stdin, NULL, _IONBF, 0);
  int c;
  while ((c = getchar()) != EOF) { /* at: read */
    letters += isalpha(c) != 0;
    digits += isdigit(c) != 0;
    lines += c == '\n';
  }
  printf("%d letters, %d digits, %d lines\n", letters, digits, lines); /* at: end */
  return 0;
}
