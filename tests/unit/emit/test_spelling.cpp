#include "emit/spelling.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>
#include <string>

#include <fmt/format.h>

#include "ir/builder.hpp"
#include "support/random.hpp"

namespace cppstencils::testing {
namespace {

using emit::literal;

std::string float_literal(DType type, double value) { return literal(type, ir::bits_of_float(type, value)); }
std::string int_literal(DType type, std::int64_t value) { return literal(type, ir::bits_of_int(type, value)); }

TEST(Spelling, FloatLiteralsSayThatTheyAreFloats) {
  EXPECT_EQ(float_literal(DType::float64, 1), "1.0");
  EXPECT_EQ(float_literal(DType::float64, -0.0), "-0.0");
  EXPECT_EQ(float_literal(DType::float64, 0.1), "0.1");
  EXPECT_EQ(float_literal(DType::float64, 1e300), "1e+300");
  EXPECT_EQ(float_literal(DType::float64, 5e-324), "5e-324");
  EXPECT_EQ(float_literal(DType::float32, 2), "2.0f");
  EXPECT_EQ(float_literal(DType::float32, 0.1), "0.1f");
  EXPECT_EQ(float_literal(DType::float32, 1e30), "1e+30f");
}

TEST(Spelling, SpecialFloatsAreBuiltIns) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(float_literal(DType::float64, infinity), "__builtin_inf()");
  EXPECT_EQ(float_literal(DType::float64, -infinity), "-__builtin_inf()");
  EXPECT_EQ(float_literal(DType::float32, infinity), "__builtin_inff()");
  EXPECT_EQ(float_literal(DType::float64, std::nan("")), "__builtin_nan(\"\")");
  EXPECT_EQ(float_literal(DType::float32, std::nan("")), "__builtin_nanf(\"\")");
}

TEST(Spelling, FloatLiteralsReadBackAsTheSameBits) {
  Random random(7);
  for (int i = 0; i < 20000; ++i) {
    const double wide = std::bit_cast<double>(random.bits());
    if (std::isfinite(wide)) {
      ASSERT_EQ(std::strtod(float_literal(DType::float64, wide).c_str(), nullptr), wide);
    }
    const float narrow = std::bit_cast<float>(static_cast<std::uint32_t>(random.bits()));
    if (std::isfinite(narrow)) {
      ASSERT_EQ(std::strtof(float_literal(DType::float32, narrow).c_str(), nullptr), narrow);
    }
  }
}

TEST(Spelling, IntegerLiteralsHaveTheirType) {
  EXPECT_EQ(int_literal(DType::int8, -128), "-128");
  EXPECT_EQ(int_literal(DType::uint8, 255), "255");
  EXPECT_EQ(int_literal(DType::int32, 7), "7");
  EXPECT_EQ(int_literal(DType::uint32, 7), "7u");
  EXPECT_EQ(int_literal(DType::int64, 5'000'000'000), "5000000000");
  EXPECT_EQ(literal(DType::uint64, ~std::uint64_t{0}), "18446744073709551615ull");
  EXPECT_EQ(literal(DType::boolean, 1), "true");
  EXPECT_EQ(literal(DType::boolean, 0), "false");
}

TEST(Spelling, TheSmallestIntegersAreNotNegatedOverflows) {
  EXPECT_EQ(int_literal(DType::int32, INT32_MIN), "(-2147483647 - 1)");
  EXPECT_EQ(int_literal(DType::int64, INT64_MIN), "(-9223372036854775807 - 1)");
}

TEST(Spelling, PlainNamesKeepOnlyPlainCharacters) {
  EXPECT_EQ(emit::plain_name("heat_2D"), "heat_2D");
  EXPECT_EQ(emit::plain_name("f;}x"), "f__x");
  EXPECT_EQ(emit::plain_name("*/ \\\n?\?/ \"\xc3\xa4"), "____________");
  EXPECT_EQ(emit::plain_name(std::string(100, 'n')), std::string(64, 'n'));
  EXPECT_EQ(emit::plain_name(""), "");
}

TEST(NameTable, NamesAreUnique) {
  emit::NameTable table;
  EXPECT_EQ(table.add("v_", "x"), "v_x");
  EXPECT_EQ(table.add("v_", "x_2"), "v_x_2");
  EXPECT_EQ(table.add("v_", "x"), "v_x_3");
  EXPECT_EQ(table.add("v_", "x"), "v_x_4");
  EXPECT_EQ(table.add("f_", "x"), "f_x");
  EXPECT_EQ(table.add("v_", "a b"), "v_a_b");
  EXPECT_EQ(table.add("v_", "a_b"), "v_a_b_2");
}

TEST(NameTable, ManyEqualNamesAreCheap) {
  emit::NameTable table;
  std::set<std::string> names;
  for (int i = 0; i < 50000; ++i) names.insert(table.add("v_", "x"));
  EXPECT_EQ(names.size(), 50000U);
}

}  // namespace
}  // namespace cppstencils::testing
