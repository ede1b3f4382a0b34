// Virtual calls, multiple inheritance, dynamic_cast and pointers to members.
#include <cstdio>
#include <memory>
#include <vector>

struct Shape {
  virtual ~Shape() = default;
  virtual int area() const = 0;
};
struct Named {
  virtual ~Named() = default;
  virtual const char* name() const { return "named"; }
};
struct Square : Shape, Named {
  int side;
  explicit Square(int side) : side(side) {}
  int area() const override { return side * side; /* at: square */ }
  const char* name() const override { return "square"; }
};
struct Rectangle : Shape {
  int width, height;
  Rectangle(int width, int height) : width(width), height(height) {}
  int area() const override { return width * height; /* at: rectangle */ }
};

int main() {
  std::vector<std::unique_ptr<Shape>> shapes;
  for (int i = 1; i <= 4; i++) {
    shapes.push_back(std::make_unique<Square>(i));
    shapes.push_back(std::make_unique<Rectangle>(i, i + 1));
  }
  int total = 0, squares = 0;
  int (Shape::*area)() const = &Shape::area;
  for (const auto& shape : shapes) {
    total += ((*shape).*area)(); /* at: virtual-call */
    if (const auto* named = dynamic_cast<const Named*>(shape.get())) squares += named->name()[0] == 's'; /* at: cast */
  }
  std::printf("total %d squares %d\n", total, squares); /* at: end */
}
