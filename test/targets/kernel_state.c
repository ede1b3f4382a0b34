// Changes all that the kernel keeps for it (descriptors, positions, directory, mask, handlers, timers) between lines of input.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

static volatile sig_atomic_t users;
static void on_user(int number) { (void)number; users++; }

static char next_letter(int file) {
  char letter = '-';
  if (read(file, &letter, 1) != 1) return '!';
  return letter;
}

int main(void) {
  setvbuf(stdin, NULL, _IONBF, 0);
  const char letters[] = "abcdefghijklmnopqrstuvwxyz";
  int file = open("letters", O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (file < 0 || write(file, letters, sizeof letters - 1) < 0 || lseek(file, 0, SEEK_SET) != 0) return 1;
  int other = dup(file), again = -1, null = -1;
  char line[40];
  int lines = 0;
  while (fgets(line, sizeof line, stdin)) {
    lines++;
    struct itimerval timer = {{0, 0}, {0, 0}};
    sigset_t mask;
    mode_t old;
    struct timeval now = {0, 0};
    fd_set ready;
    FD_ZERO(&ready);
    FD_SET(0, &ready);
    switch (lines) {
      case 1: signal(SIGUSR1, on_user); break;
      case 2: again = open("letters", O_RDONLY | O_CLOEXEC); break;
      case 3: close(other); break;
      case 4: umask(027); break;
      case 5: sigemptyset(&mask); sigaddset(&mask, SIGUSR1); sigprocmask(SIG_BLOCK, &mask, NULL); break;
      case 6: timer.it_value.tv_sec = 1000; setitimer(ITIMER_REAL, &timer, NULL); break;
      case 7: mkdir("below", 0700); if (chdir("below") != 0) return 1; break;
      case 8: null = open("/dev/null", O_RDWR); break;
      case 9: dup2(file, 20); close(file); file = 20; break;
      case 10: fcntl(file, F_SETFL, O_APPEND); signal(SIGUSR1, SIG_IGN); break;
      default: break;
    }
    raise(SIGUSR1);
    umask(old = umask(0));
    sigprocmask(SIG_BLOCK, NULL, &mask);
    getitimer(ITIMER_REAL, &timer);
    char *where = getcwd(NULL, 0);
    printf("%d %.*s: %c%c users %d mask %o blocked %d timer %d in %s flags %d null %d descriptor %d more %d\n", lines,
           (int)strcspn(line, "\n"), line, next_letter(file), again < 0 ? '-' : next_letter(again), (int)users, (unsigned)old,
           sigismember(&mask, SIGUSR1), timer.it_value.tv_sec > 0, strrchr(where, '/') && strstr(where, "below") ? "below" : "top",
           (fcntl(file, F_GETFL) & O_APPEND) != 0, fcntl(null, F_GETFD), fcntl(other, F_GETFD),
           lines < 12 && select(1, &ready, NULL, NULL, &now) >= 0);
    free(where);
    fflush(stdout);
  }
  printf("%d lines\n", lines);
  return 0;
}
