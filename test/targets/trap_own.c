// Traps that are the program's own: int3, the trap flag, undefined and privileged instructions, all handled and skipped.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <ucontext.h>

static volatile sig_atomic_t breakpoints, steps, undefined, privileged;

static void on_trap(int number, siginfo_t *info, void *context) {
  (void)number;
  (void)context;
  if (info->si_code == TRAP_TRACE)
    steps++;
  else
    breakpoints++; /* at: trap */
}

static void on_fault(int number, siginfo_t *info, void *context) {
  (void)info;
  greg_t *pc = &((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
  if (number == SIGILL)
    undefined++, *pc += 2;
  else
    privileged++, *pc += 1;
}

int main(void) {
  struct sigaction trap = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
  struct sigaction fault = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
  sigaction(SIGTRAP, &trap, NULL);
  sigaction(SIGILL, &fault, NULL);
  sigaction(SIGSEGV, &fault, NULL);
  for (int i = 0; i < 3; i++) {
    __asm__ volatile("int3");
    __asm__ volatile("ud2");
    __asm__ volatile("hlt");
  }
  __asm__ volatile(
      "pushfq\n orq $0x100, (%%rsp)\n popfq\n nop\n nop\n nop\n pushfq\n andq $~0x100, (%%rsp)\n popfq\n" : : : "memory", "cc"); /* at: flag */
  printf("int3 %d, stepped %d, ud2 %d, hlt %d\n", breakpoints, steps > 3, undefined, privileged);
  return 0; /* at: end */
}
