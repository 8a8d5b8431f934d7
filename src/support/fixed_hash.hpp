#pragma once

#include <cstdint>
#include <string_view>

namespace cppstencils::support {

/// A 64-bit hash whose value is the same in every process and build. Only used to reject unequal
/// values quickly and to name files; order and equality never depend on it.
class FixedHash {
 public:
  FixedHash& add(std::uint64_t value) {
    state_ ^= value + 0x9e3779b97f4a7c15ULL + (state_ << 12) + (state_ >> 4);
    state_ *= 0xff51afd7ed558ccdULL;
    state_ ^= state_ >> 33;
    return *this;
  }
  FixedHash& add(std::string_view text) {
    std::uint64_t h = 0xcbf29ce484222325ULL;
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return add(text.size()).add(h);
  }
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0x51ed270b35ae0f27ULL;
};

}  // namespace cppstencils::support
