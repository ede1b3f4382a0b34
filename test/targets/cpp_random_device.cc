// std::random_device (RDRAND on most machines) seeding an engine; the draws are checked, not printed.
#include <cstdio>
#include <random>

static unsigned draws[8];
static int throws[6];

int main() {
  std::random_device device;
  for (unsigned& draw : draws) draw = device(); /* at: draw */
  std::mt19937 engine(draws[0]);
  std::uniform_int_distribution<int> die(0, 5);
  for (int i = 0; i < 600; i++) throws[die(engine)]++; /* at: throw */
  int sum = 0, different = 0;
  for (int count : throws) sum += count;
  for (unsigned draw : draws) different |= draw != draws[0];
  std::printf("%d throws, draws differ %d\n", sum, different); /* at: end */
}
