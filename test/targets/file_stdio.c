// Buffered stdio: fopen, fprintf, fseek, ungetc, fgets, fscanf, fread, setvbuf, tmpfile.
#include <stdio.h>
#include <stdlib.h>

static double sum;

int main(void) {
  FILE *file = tmpfile(); /* at: open */
  if (!file) return 1;
  for (int i = 0; i < 2000; i++) fprintf(file, "%d %.3f\n", i, i / 8.0); /* at: print */
  rewind(file);                                                         /* at: rewind */

  char line[64];
  if (!fgets(line, sizeof line, file)) return 1;
  int next = getc(file);
  ungetc(next, file); /* at: unget */

  int number, count = 0;
  double value;
  while (fscanf(file, "%d %lf", &number, &value) == 2) {
    sum += value;
    count++; /* at: scan */
  }
  fseek(file, -9, SEEK_END);
  size_t length = fread(line, 1, 8, file);
  line[length] = '\0';
  printf("%d lines, sum %.3f, last '%s', first char %c\n", count, sum, line, next); /* at: end */
  fclose(file);
  return 0;
}
