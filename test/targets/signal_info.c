// SA_SIGINFO: sigqueue's value, the faulting address, and a handler that changes the interrupted registers.
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <ucontext.h>
#include <unistd.h>

static volatile int queued_value, sender_is_self;
static volatile uintptr_t fault_address;

static void on_queue(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  queued_value = info->si_value.sival_int; /* at: queued */
  sender_is_self = info->si_pid == getpid();
}

static void on_trap(int number, siginfo_t *info, void *opaque) {
  (void)number;
  ucontext_t *context = opaque;
  fault_address = (uintptr_t)info->si_addr;
  context->uc_mcontext.gregs[REG_RIP] += 2; /* at: skip */
  context->uc_mcontext.gregs[REG_RAX] = 99;
}

int main(void) {
  struct sigaction action = {.sa_sigaction = on_queue, .sa_flags = SA_SIGINFO};
  sigaction(SIGRTMIN, &action, NULL);
  action.sa_sigaction = on_trap;
  sigaction(SIGILL, &action, NULL);
  sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 4711}); /* at: queue */
  long result = 0;
  __asm__ volatile("ud2" : "+a"(result)); /* at: trap */
  printf("value %d self %d address %d rax %ld\n", queued_value, sender_is_self, fault_address != 0, result); /* at: end */
  return 0;
}
