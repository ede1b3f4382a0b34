// Writes its own memory by way of the kernel: /proc/self/mem and process_vm_writev.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static char text[64] = "nothing";
static int numbers[4];

int main(void) {
  int memory = open("/proc/self/mem", O_RDWR);
  pwrite(memory, "by file", 8, (off_t)(uintptr_t)text); /* at: file */
  char copy[64];
  strcpy(copy, text);
  int three[3] = {7, 8, 9};
  struct iovec from = {three, sizeof three}, to = {numbers + 1, sizeof three};
  process_vm_writev(getpid(), &from, 1, &to, 1, 0); /* at: call */
  char back[8] = {0};
  pread(memory, back, 7, (off_t)(uintptr_t)copy);
  printf("%s, %d %d %d, %s\n", copy, numbers[1], numbers[2], numbers[3], back);
  return 0; /* at: end */
}
