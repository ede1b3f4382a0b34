// One thread takes the process's signals by sigwait; all others block them.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static sigset_t set;
static int taken;

static void *take(void *unused) {
  for (int number = 0; number != SIGTERM;) {
    sigwait(&set, &number);
    taken++; /* at: taken */
  }
  return unused;
}

int main(void) {
  pthread_t thread;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  pthread_create(&thread, NULL, take, NULL);
  for (int i = 1; i <= 3; i++) {
    kill(getpid(), SIGUSR1);
    while (__atomic_load_n(&taken, __ATOMIC_SEQ_CST) < i) usleep(200);
  }
  kill(getpid(), SIGTERM);
  pthread_join(thread, NULL);
  printf("taken %d\n", taken);
  return 0; /* at: end */
}
