#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "cppstencils/support/dtype.hpp"

/// Philox 4x32-10 and the numbers made of its words, written from the paper, independently of the engine.
namespace cppstencils::testing {

using Words = std::array<std::uint32_t, 4>;

inline Words philox(Words c, std::array<std::uint32_t, 2> k) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53} * c[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ k[0], static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ k[1], static_cast<std::uint32_t>(p0)};
    k = {k[0] + 0x9E3779B9U, k[1] + 0xBB67AE85U};
  }
  return c;
}

inline double float64_of(std::uint32_t first, std::uint32_t second) {
  const std::uint64_t n = first ^ (std::uint64_t{second} << 21);
  return std::min(static_cast<double>(n) * 0x1p-53 + 0x1p-54, 1 - 0x1p-53);
}

inline float float32_of(std::uint32_t word) {
  const float product = static_cast<float>(word) * 0x1p-32F;
  return std::min(product + 0x1p-33F, 1 - 0x1p-24F);
}

/// The values of a draw; the last two are zero for float64.
inline std::array<double, 4> draw_of(DType dtype, const Words& words) {
  if (dtype == DType::float64) return {float64_of(words[0], words[1]), float64_of(words[2], words[3])};
  std::array<double, 4> values{};
  for (std::size_t i = 0; i < 4; ++i) values[i] = dtype == DType::float32 ? float32_of(words[i]) : double(words[i]);
  return values;
}

}  // namespace cppstencils::testing
