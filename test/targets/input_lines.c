// Asks for lines with a prompt, answers each, ends at "quit" or at the end of the input.
#include <stdio.h>
#include <string.h>

static char line[80];
static int lines;

int main(void) {
  for (;;) {
    printf("> ");
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin)) break; /* at: ask */
    line[strcspn(line, "\n")] = '\0';
    if (strcmp(line, "quit") == 0) break;
    printf("%d: %zu letters: %s\n", ++lines, strlen(line), line); /* at: answer */
  }
  printf("%d lines\n", lines); /* at: end */
  return 0;
}
