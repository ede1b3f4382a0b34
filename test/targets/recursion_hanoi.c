// The towers of Hanoi with three stacks in memory.
#include <stdio.h>

enum { DISKS = 7 };

static int peg[3][DISKS];
static int height[3];
static int moves;

static void move_disk(int from, int to) {
  int disk = peg[from][--height[from]];
  peg[to][height[to]++] = disk; /* at: moved */
  moves++;
}

static void hanoi(int disks, int from, int to, int spare) {
  if (disks == 0) return;
  hanoi(disks - 1, from, spare, to);
  move_disk(from, to); /* at: move */
  hanoi(disks - 1, spare, to, from);
}

int main(void) {
  for (int disk = DISKS; disk > 0; disk--) peg[0][height[0]++] = disk;
  hanoi(DISKS, 0, 2, 1); /* at: call */
  printf("%d moves, heights %d %d %d\n", moves, height[0], height[1], height[2]); /* at: end */
  return 0;
}
