// Makes a system call by the 32-bit gate: getpid, whose number there is that of writev.
#include <stdio.h>
#include <unistd.h>

int main(void) {
  puts("before");
  fflush(stdout);
  int pid = 20;
  __asm__ volatile("int $0x80" : "+a"(pid) : : "r8", "r9", "r10", "r11", "memory"); /* at: call */
  printf("same %d\n", pid == getpid());
  return 0;
}
