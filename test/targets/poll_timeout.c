// Waits that end by their time-out: poll, select, nanosleep, epoll, timerfd and eventfd.
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static uint64_t expirations, events;

int main(void) {
  int polled = poll(NULL, 0, 20); /* at: poll */
  struct timeval short_time = {.tv_usec = 20000};
  int selected = select(0, NULL, NULL, NULL, &short_time); /* at: select */
  struct timespec sleep_time = {.tv_nsec = 20000000};
  int slept = nanosleep(&sleep_time, NULL); /* at: sleep */

  int timer = timerfd_create(CLOCK_MONOTONIC, 0);
  struct itimerspec when = {.it_value = {.tv_nsec = 10000000}};
  timerfd_settime(timer, 0, &when, NULL);
  if (read(timer, &expirations, sizeof expirations) < 0) return 1; /* at: timer */

  int event = eventfd(0, 0);
  uint64_t three = 3;
  if (write(event, &three, sizeof three) < 0) return 1;
  int epoll = epoll_create1(0);
  struct epoll_event interest = {.events = EPOLLIN, .data = {.fd = event}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, event, &interest);
  struct epoll_event ready;
  int count = epoll_wait(epoll, &ready, 1, 1000); /* at: epoll */
  if (read(event, &events, sizeof events) < 0) return 1;
  printf("%d %d %d, timer %lu, epoll %d, event %lu\n", polled, selected, slept, expirations, count, events); /* at: end */
  return 0;
}
