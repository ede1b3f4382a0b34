// A SIGSEGV handler that makes the page writable and returns: the store is executed again.
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

static char *pages;
static volatile int faults;

static void on_fault(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  char *page = (char *)((uintptr_t)info->si_addr & ~(uintptr_t)4095);
  mprotect(page, 4096, PROT_READ | PROT_WRITE); /* at: repair */
  faults++;
}

int main(void) {
  pages = mmap(NULL, 8 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL);
  int sum = 0;
  for (int i = 0; i < 16; i++) {
    pages[i / 2 * 4096 + i] = (char)i; /* at: store */
    sum += pages[i / 2 * 4096 + i];
  }
  printf("faults %d sum %d\n", faults, sum); /* at: end */
  return 0;
}
