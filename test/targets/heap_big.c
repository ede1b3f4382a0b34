// Blocks so big that malloc maps and unmaps them, and one that grows by realloc.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long sum;

int main(void) {
  char *growing = NULL;
  for (size_t megabytes = 1; megabytes <= 6; megabytes++) {
    size_t size = megabytes << 20;
    growing = realloc(growing, size); /* at: grow */
    if (!growing) return 1;
    memset(growing + size - 4096, (int)megabytes, 4096);
    char *block = malloc(size); /* at: map */
    if (!block) return 1;
    for (size_t i = 0; i < size; i += 65536) block[i] = (char)i, sum += (unsigned char)block[i] + 1;
    free(block); /* at: unmap */
  }
  for (size_t megabytes = 1; megabytes <= 6; megabytes++) sum += (unsigned char)growing[(megabytes << 20) - 1];
  free(growing);
  printf("sum %lu\n", sum); /* at: end */
  return 0;
}
