// Structures as bytes, and back. Reading never goes beyond the end: what is missing is an EngineError "RECORDING".
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/engine.h"

namespace fred {

class ByteWriter {
 public:
  template <typename T>
  void put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
    bytes_.insert(bytes_.end(), bytes, bytes + sizeof value);
  }
  void put_bytes(std::span<const uint8_t> bytes) {
    put(static_cast<uint64_t>(bytes.size()));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void put_string(const std::string& text) { put_bytes({reinterpret_cast<const uint8_t*>(text.data()), text.size()}); }
  // Zeros at the end are only counted: register states and pages have many.
  void put_trimmed(std::span<const uint8_t> bytes) {
    size_t used = bytes.size();
    while (used > 0 && bytes[used - 1] == 0) used--;
    put(static_cast<uint32_t>(bytes.size()));
    put_bytes(bytes.first(used));
  }
  size_t size() const { return bytes_.size(); }
  void clear() { bytes_.clear(); }
  std::span<const uint8_t> bytes() const { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
};

class ByteReader {
 public:
  explicit ByteReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  template <typename T>
  T take() {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    memcpy(&value, take_raw(sizeof value).data(), sizeof value);
    return value;
  }
  // bool and enums are taken as checked numbers: any other bit pattern in them would be undefined.
  bool take_bool() { return take<uint8_t>() != 0; }
  template <typename E>
  E take_enum(E last) {
    const auto value = take<std::underlying_type_t<E>>();
    if (value > static_cast<std::underlying_type_t<E>>(last)) fail("an unknown kind");
    return static_cast<E>(value);
  }
  std::span<const uint8_t> take_bytes() { return take_raw(take_count()); }
  std::string take_string() {
    const auto bytes = take_bytes();
    return {bytes.begin(), bytes.end()};
  }
  std::vector<uint8_t> take_trimmed(size_t most) {
    const auto whole = take<uint32_t>();
    const auto used = take_bytes();
    if (whole > most || used.size() > whole) fail("a size that cannot be");
    std::vector<uint8_t> bytes(used.begin(), used.end());
    bytes.resize(whole);
    return bytes;
  }
  // How many elements follow: at least a byte each.
  size_t take_count() {
    const auto count = take<uint64_t>();
    if (count > bytes_.size()) fail("a count beyond the end");
    return static_cast<size_t>(count);
  }
  std::span<const uint8_t> take_raw(size_t length) {
    if (length > bytes_.size()) fail("an end in the middle");
    const auto taken = bytes_.first(length);
    bytes_ = bytes_.subspan(length);
    return taken;
  }
  bool is_empty() const { return bytes_.empty(); }
  [[noreturn]] static void fail(const std::string& what) {
    throw EngineError("RECORDING", "read the recording", 0, "it has " + what + "; it is damaged, or not a recording of this version");
  }

 private:
  std::span<const uint8_t> bytes_;
};

}  // namespace fred
