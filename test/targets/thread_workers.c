// Four threads take jobs from a queue: they compute, allocate, wait, and hand results back.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WORKERS = 4, JOBS = 120 };

struct job {
  struct job *next;
  int number;
  char *text;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER, emptied = PTHREAD_COND_INITIALIZER;
static struct job *queue;
static int waiting, is_over;
static long total, lengths;

static long collatz(long n) {
  long steps = 0;
  for (; n != 1; steps++) n = n % 2 ? 3 * n + 1 : n / 2; /* at: step */
  return steps;
}

static void *work(void *unused) {
  for (;;) {
    pthread_mutex_lock(&lock);
    while (queue == NULL && !is_over) pthread_cond_wait(&filled, &lock);
    struct job *job = queue;
    if (job != NULL) queue = job->next, waiting--; /* at: taken */
    pthread_cond_signal(&emptied);
    pthread_mutex_unlock(&lock);
    if (job == NULL) return unused;
    long steps = 0;
    for (int i = 1; i < 300; i++) steps += collatz(job->number * 300 + i);
    if (job->number % 10 == 0) {
      struct timespec nap = {0, 500000};
      nanosleep(&nap, NULL);
    }
    pthread_mutex_lock(&lock);
    total += steps;
    lengths += (long)strlen(job->text); /* at: added */
    pthread_mutex_unlock(&lock);
    free(job->text);
    free(job);
  }
}

int main(void) {
  pthread_t threads[WORKERS];
  for (int i = 0; i < WORKERS; i++) pthread_create(&threads[i], NULL, work, NULL);
  for (int i = 0; i < JOBS; i++) {
    struct job *job = malloc(sizeof *job);
    job->number = i;
    job->text = malloc(100);
    snprintf(job->text, 100, "job number %d", i);
    pthread_mutex_lock(&lock);
    while (waiting > 8) pthread_cond_wait(&emptied, &lock);
    job->next = queue;
    queue = job;
    waiting++;
    pthread_cond_signal(&filled);
    pthread_mutex_unlock(&lock);
  }
  pthread_mutex_lock(&lock);
  is_over = 1;
  pthread_cond_broadcast(&filled);
  pthread_mutex_unlock(&lock);
  for (int i = 0; i < WORKERS; i++) pthread_join(threads[i], NULL);
  printf("%ld %ld\n", total, lengths);
  return 0; /* at: end */
}
