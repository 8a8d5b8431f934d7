#include "kernel/exact_number.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace cppstencils::kernel {
namespace {

TEST(ExactNumber, IntegersAndSimpleFractions) {
  EXPECT_EQ(nearest_double(0, 1), 0.0);
  EXPECT_EQ(nearest_double(-7, 1), -7.0);
  EXPECT_EQ(nearest_double(1, 3), 1.0 / 3.0);
  EXPECT_EQ(nearest_double(-1, 3), -1.0 / 3.0);
  EXPECT_EQ(nearest_float(1, 3), 1.0f / 3.0f);
  EXPECT_EQ(nearest_double(1, 10), 0.1);
  EXPECT_EQ(nearest_float(1, 10), 0.1f);
}

TEST(ExactNumber, LargestValues) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(nearest_double(most, 1), 0x1p63);
  EXPECT_EQ(nearest_double(least, 1), -0x1p63);
  EXPECT_EQ(nearest_double(1, most), 0x1p-63);
  EXPECT_EQ(nearest_double(most, most), 1.0);
}

// IEEE division of two exactly representable numbers is the correctly rounded quotient.
TEST(ExactNumber, EqualsIeeeDivisionOfExactOperands) {
  std::mt19937_64 random(20260801);
  for (int round = 0; round < 20000; ++round) {
    const auto numerator = static_cast<std::int64_t>(random() >> (11 + random() % 50));
    const auto denominator = static_cast<std::int64_t>(random() >> (11 + random() % 50)) + 1;
    SCOPED_TRACE(fmt::format("{}/{}", numerator, denominator));
    EXPECT_EQ(nearest_double(numerator, denominator),
              static_cast<double>(numerator) / static_cast<double>(denominator));
    const auto small_numerator = numerator & 0xffffff;
    const auto small_denominator = (denominator & 0xffffff) + (denominator % 2);
    if (small_denominator != 0 && small_denominator < (1 << 24)) {
      EXPECT_EQ(nearest_float(small_numerator, small_denominator),
                static_cast<float>(small_numerator) / static_cast<float>(small_denominator));
    }
  }
}

// The C library rounds decimal text correctly; fractions over powers of ten are such text.
TEST(ExactNumber, EqualsDecimalText) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 5000; ++round) {
    const auto digits = static_cast<std::int64_t>(random() >> 1);
    constexpr std::int64_t scale = 1000000000000000000;
    const std::string text = fmt::format("{}.{:018}", digits / scale, digits % scale);
    SCOPED_TRACE(text);
    EXPECT_EQ(nearest_double(digits, scale), std::strtod(text.c_str(), nullptr));
    EXPECT_EQ(nearest_float(digits, scale), std::strtof(text.c_str(), nullptr));
  }
}

}  // namespace
}  // namespace cppstencils::kernel
