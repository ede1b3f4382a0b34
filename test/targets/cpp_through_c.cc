// An exception thrown in a callback of qsort and caught outside: it unwinds through frames of the C library.
#include <cstdio>
#include <cstdlib>

static int comparisons;

static int compare(const void* left, const void* right) {
  if (++comparisons == 12) throw comparisons; /* at: throw */
  return *static_cast<const int*>(left) - *static_cast<const int*>(right);
}

int main() {
  int numbers[] = {5, 3, 9, 1, 8, 2, 7, 4, 6, 0};
  int caught = 0;
  try {
    std::qsort(numbers, 10, sizeof numbers[0], compare); /* at: sort */
  } catch (int at) {
    caught = at; /* at: caught */
  }
  comparisons = 100;
  std::qsort(numbers, 10, sizeof numbers[0], compare); /* at: again */
  std::printf("caught at %d, then sorted %d..%d\n", caught, numbers[0], numbers[9]); /* at: end */
}
