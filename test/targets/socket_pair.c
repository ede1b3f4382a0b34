// A socket pair: send, recv with MSG_PEEK, sendmsg with two buffers, shutdown, poll.
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static int ends[2];
static char buffer[64];

int main(void) {
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return 1; /* at: pair */
  if (send(ends[0], "ping", 4, 0) != 4) return 1;               /* at: send */
  ssize_t peeked = recv(ends[1], buffer, sizeof buffer, MSG_PEEK);
  struct pollfd ready = {.fd = ends[1], .events = POLLIN};
  int polled = poll(&ready, 1, 1000); /* at: poll */
  ssize_t taken = recv(ends[1], buffer, sizeof buffer, 0);
  struct iovec parts[2] = {{.iov_base = "two ", .iov_len = 4}, {.iov_base = "parts", .iov_len = 5}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  ssize_t sent = sendmsg(ends[1], &message, 0); /* at: sendmsg */
  shutdown(ends[1], SHUT_WR);
  ssize_t got = recv(ends[0], buffer, sizeof buffer, MSG_WAITALL); /* at: recv */
  buffer[got] = '\0';
  printf("%zd %d %zd %zd %zd %s\n", peeked, polled, taken, sent, got, buffer); /* at: end */
  return 0;
}
