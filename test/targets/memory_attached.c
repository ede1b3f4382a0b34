// Memory of System V: a segment is made, attached, and gone with its last user.
#include <stdio.h>
#include <string.h>
#include <sys/shm.h>

int main(void) {
  int id = shmget(IPC_PRIVATE, 4096, 0600);
  char *memory = shmat(id, NULL, 0); /* at: attach */
  shmctl(id, IPC_RMID, NULL);
  strcpy(memory, "attached");
  puts(memory);
  shmdt(memory);
  return 0;
}
