// Writes machine code and runs it: in memory that is always writable, and by mprotect between writing and running.
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

typedef int (*Function)(int);

// lea eax, [rdi + constant]; ret
static void emit(unsigned char *code, unsigned char constant) {
  const unsigned char bytes[] = {0x8d, 0x47, constant, 0xc3};
  memcpy(code, bytes, sizeof bytes);
}

int main(void) {
  unsigned char *open = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  unsigned char *closed = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int sum = 0;
  for (int i = 1; i <= 50; i++) {
    emit(open, (unsigned char)i);
    sum += ((Function)open)(sum & 7); /* at: open */
    mprotect(closed, 8192, PROT_READ | PROT_WRITE);
    emit(closed + (i & 1) * 4096, (unsigned char)(i + 3));
    mprotect(closed, 8192, PROT_READ | PROT_EXEC);
    sum += ((Function)(closed + (i & 1) * 4096))(sum & 3); /* at: closed */
  }
  printf("sum %d\n", sum);
  return 0; /* at: end */
}
