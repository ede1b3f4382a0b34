// A failed assertion: abort with a message.
#include <assert.h>
#include <stdio.h>

static int balance = 100;

static void withdraw(int amount) {
  balance -= amount;    /* at: withdraw */
  assert(balance >= 0); /* at: assert */
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  for (int amount = 10; amount < 100; amount += 20) {
    withdraw(amount); /* at: call */
    printf("%d\n", balance);
  }
  return 0;
}
