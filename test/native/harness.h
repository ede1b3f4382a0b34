// A harness of thirty lines: named checks, a count at the end.
#pragma once

#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace test {

struct Case {
  const char* name;
  std::function<void()> run;
};

inline std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

struct Register {
  Register(const char* name, std::function<void()> run) { cases().push_back({name, std::move(run)}); }
};

inline void expect(bool condition, const std::string& what) {
  if (!condition) throw std::runtime_error(what);
}

}  // namespace test

#define TEST_PASTE(a, b) a##b
#define TEST_JOIN(a, b) TEST_PASTE(a, b)
#define TEST(name)                                                                              \
  static void TEST_JOIN(test_at_, __LINE__)();                                                  \
  static const test::Register TEST_JOIN(register_, __LINE__)(name, TEST_JOIN(test_at_, __LINE__)); \
  static void TEST_JOIN(test_at_, __LINE__)()
