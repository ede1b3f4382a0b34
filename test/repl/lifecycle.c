/* What a program can be doing when somebody dies. Modes: quick, spin (with a child), read, count. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

volatile unsigned long rounds;

static void done(void) {}

static void spin(void) {
  if (fork() == 0)
    for (;;) pause();
  puts("spinning");
  for (;;) rounds++;
}

static void ask(void) {
  char line[80];
  puts("asking");
  while (fgets(line, sizeof line, stdin)) printf("read %s", line);
}

static void count(void) {
  unsigned long odd = 0;
  for (rounds = 0; rounds < 300000; rounds++)
    if (rounds % 2) odd++;
  done();
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "quick";
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (strcmp(mode, "spin") == 0) spin();
  if (strcmp(mode, "read") == 0) ask();
  if (strcmp(mode, "count") == 0) count();
  done();
  return 0;
}
