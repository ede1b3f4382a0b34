// malloc, calloc, realloc and free in a random order with a fixed seed; contents checked all the time.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 200, ROUNDS = 20000 };

static struct slot {
  unsigned char *bytes;
  size_t size;
} slots[SLOTS];
static uint32_t seed = 12345;
static long live_bytes, peak_bytes;

static uint32_t next_random(void) {
  seed ^= seed << 13;
  seed ^= seed >> 17;
  return seed ^= seed << 5;
}

static void check(const struct slot *slot) {
  unsigned char mark = (unsigned char)slot->size;
  if (slot->size && (slot->bytes[0] != mark || slot->bytes[slot->size - 1] != mark)) abort(); /* at: corrupt */
}

static void change(struct slot *slot) {
  size_t size = next_random() % 8 == 0 ? 0 : next_random() % 3000 + 1;
  check(slot);
  live_bytes += (long)size - (long)slot->size;
  if (live_bytes > peak_bytes) peak_bytes = live_bytes;
  if (size == 0) {
    free(slot->bytes); /* at: freed */
    slot->bytes = NULL;
  } else {
    slot->bytes = slot->bytes ? realloc(slot->bytes, size) : calloc(1, size); /* at: allocated */
    if (!slot->bytes) abort();
    memset(slot->bytes, (int)(unsigned char)size, size);
  }
  slot->size = size;
}

int main(void) {
  for (int round = 0; round < ROUNDS; round++) change(&slots[next_random() % SLOTS]); /* at: round */
  printf("live %ld peak %ld seed %u\n", live_bytes, peak_bytes, seed);                /* at: end */
  for (int i = 0; i < SLOTS; i++) free(slots[i].bytes);
  return 0;
}
