// The C library's string functions, which use the widest vector instructions the CPU has.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[5000], copy[5000];

int main(void) {
  for (int i = 0; i < 4999; i++) text[i] = (char)('a' + i * 7 % 26);
  text[4321] = '!';
  memcpy(copy, text, sizeof text);                 /* at: copy */
  char *mark = strchr(text, '!');                  /* at: find */
  int same = strcmp(text, copy) == 0;              /* at: compare */
  memmove(copy + 10, copy, 2000);                  /* at: move */
  size_t span = strcspn(text, "!");
  char *found = strstr(text + 100, "!x");
  char words[] = "one,two;three";
  int count = 0;
  for (char *word = strtok(words, ",;"); word; word = strtok(NULL, ",;")) count += (int)strlen(word); /* at: token */
  char *duplicate = strdup("Mixed Case");
  for (char *c = duplicate; *c; c++) *c = (char)toupper(*c);
  printf("%ld %d %zu %d %d %s %lu\n", mark - text, same, span, found == NULL, count, duplicate, strtoul("0x1fz", NULL, 0)); /* at: end */
  free(duplicate);
  return 0;
}
