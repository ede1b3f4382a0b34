// System calls that few programs make: each works, or says that there is no such call, and nothing in between.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PAGE = 4096, NEWER_THAN_ALL = 2000 };

static int is_orderly(long result) {
  return result >= 0 || errno == ENOSYS || errno == EPERM || errno == ENOSPC || errno == EINVAL;
}

static int orderly(void) {
  unsigned long context = 0;
  int count = is_orderly(syscall(SYS_io_setup, 4, &context));
  if (context) syscall(SYS_io_destroy, context);
  count += is_orderly(syscall(SYS_userfaultfd, 0));
  const long key = syscall(SYS_pkey_alloc, 0, 0);
  count += is_orderly(key);
  if (key >= 0) syscall(SYS_pkey_free, key);
  count += is_orderly(syscall(SYS_seccomp, 99, 0, NULL));
  count += is_orderly(syscall(SYS_process_madvise, -1, NULL, 0, 0, 1));
  return count;
}

// Maps the fourth page of a file where its first one was.
static const char *shuffled(char *memory) {
  for (int i = 0; i < 5; i++) memory[i * PAGE] = (char)('a' + i);
  static char seen[4];
  if (remap_file_pages(memory, PAGE, 0, 3, 0) != 0) return "refused";
  seen[0] = memory[0]; /* at: remapped */
  memory[0] = 'Z';
  seen[1] = memory[PAGE];
  seen[2] = memory[3 * PAGE];
  return seen;
}

int main(void) {
  const int in_order = orderly(); /* at: orderly */
  const int none = syscall(NEWER_THAN_ALL) == -1 && errno == ENOSYS;
  const int hidden = prctl(PR_SET_DUMPABLE, 0), same = personality(0xffffffff) == personality(0xffffffff);
  int fd = memfd_create("pages", 0);
  if (ftruncate(fd, 5 * PAGE) != 0) return 1;
  char *memory = mmap(NULL, 5 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  const char *order = shuffled(memory);
  struct {
    long type;
    char text[8];
  } message = {1, "message"}, received = {0, ""};
  int queue = msgget(IPC_PRIVATE, 0600);
  msgsnd(queue, &message, sizeof message.text, 0);
  long length = msgrcv(queue, &received, sizeof received.text, 0, 0); /* at: received */
  msgctl(queue, IPC_RMID, NULL);
  char from[8] = "source", to[8] = "";
  struct iovec remote = {from, 7}, local = {to, 7};
  long copied = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
  printf("%d, none %d, hidden %d, same %d, %s, %ld %s, %ld %s\n", in_order, none, hidden, same, order, length, received.text, copied, to);
  return 0; /* at: end */
}
