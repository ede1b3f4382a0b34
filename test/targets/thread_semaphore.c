// Two threads hand a token to and fro by semaphores; a third one waits with a time limit that passes.
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <time.h>

enum { ROUNDS = 100 };

static sem_t ping, pong, never;
static int rallies, late;

static void *answer(void *unused) {
  for (int i = 0; i < ROUNDS; i++) {
    sem_wait(&ping);
    rallies++; /* at: answer */
    sem_post(&pong);
  }
  return unused;
}

static void *wait_in_vain(void *unused) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += 3000000;
  if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
  late = sem_timedwait(&never, &until) != 0 && errno == ETIMEDOUT; /* at: late */
  return unused;
}

int main(void) {
  pthread_t other, third;
  sem_init(&ping, 0, 0);
  sem_init(&pong, 0, 0);
  sem_init(&never, 0, 0);
  pthread_create(&other, NULL, answer, NULL);
  pthread_create(&third, NULL, wait_in_vain, NULL);
  for (int i = 0; i < ROUNDS; i++) {
    sem_post(&ping);
    sem_wait(&pong);
  }
  pthread_join(other, NULL);
  pthread_join(third, NULL);
  printf("%d rallies, late %d\n", rallies, late);
  return 0; /* at: end */
}
