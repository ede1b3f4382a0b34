// Overloaded functions and operators, namespaces and default arguments: one name, several locations.
#include <cstdio>
#include <string>

namespace shop {
static int price(int cents) { return cents; /* at: price-int */ }
static int price(const std::string& text) { return static_cast<int>(text.size()) * 10; /* at: price-string */ }
static int price(int cents, double rate) { return static_cast<int>(cents * rate); /* at: price-rate */ }

struct Money {
  int cents;
  Money operator+(const Money& other) const { return {cents + other.cents}; /* at: plus */ }
  bool operator<(const Money& other) const { return cents < other.cents; }
};
}  // namespace shop

static int scaled(int value, int factor = 3) { return value * factor; /* at: scaled */ }

int main() {
  int total = shop::price(100) + shop::price("bread") + shop::price(200, 1.5); /* at: calls */
  shop::Money sum = shop::Money{total} + shop::Money{scaled(5)} + shop::Money{scaled(5, 2)}; /* at: operators */
  std::printf("%d %d %d\n", total, sum.cents, shop::Money{1} < sum); /* at: end */
}
