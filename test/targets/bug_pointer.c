// A pointer kept to an element of a block that realloc has moved: a write goes to the old place, which somebody else owns now.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int *numbers, *favourite;
static char *label, *fence;

int main(void) {
  numbers = calloc(8, sizeof *numbers);
  favourite = &numbers[2];
  fence = malloc(100);
  numbers = realloc(numbers, 4000 * sizeof *numbers); /* at: moved */
  label = malloc(8 * sizeof *numbers);
  strcpy(label, "a fine label text"); /* at: reused */
  *favourite = 0x58585858; /* at: bug */
  printf("%s %d\n", label, numbers[2]); /* at: end */
  free(label);
  free(fence);
  free(numbers);
  return 0;
}
