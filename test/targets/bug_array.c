// A loop that runs one element too far and changes the neighbour.
#include <stdio.h>

static struct {
  int scores[8];
  int limit;
} game = {.limit = 1000};

static void clear_scores(int from) {
  for (int i = from; i <= 8; i++) game.scores[i] = 0; /* at: bug */
}

static void play(int round) {
  game.scores[round % 8] += round * 10; /* at: play */
}

int main(void) {
  for (int round = 0; round < 60; round++) {
    play(round);
    if (round == 37) clear_scores(4); /* at: clear */
  }
  printf("limit %d\n", game.limit); /* at: end */
  return 0;
}
