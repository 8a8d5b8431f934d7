#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ir/arithmetic.hpp"
#include "ir/builder.hpp"

// The interpreter computes with these operators and every back end is compared with it, so their results are
// written out here by hand.
namespace cppstencils::ir {
namespace {

constexpr DType integer_types[] = {DType::int8,  DType::int16,  DType::int32,  DType::int64,
                                   DType::uint8, DType::uint16, DType::uint32, DType::uint64};
constexpr DType float_types[] = {DType::float32, DType::float64};
constexpr double infinity = std::numeric_limits<double>::infinity();
const double not_a_number = std::nan("");

std::uint64_t all_ones(DType type) { return ~std::uint64_t{0} >> (64 - 8 * size_of(type)); }
/// The smallest and the largest value of an integer type.
std::uint64_t smallest(DType type) { return is_signed_integer(type) ? all_ones(type) / 2 + 1 : 0; }
std::uint64_t largest(DType type) { return is_signed_integer(type) ? all_ones(type) / 2 : all_ones(type); }

std::int64_t on_ints(BinaryOp op, DType type, std::int64_t a, std::int64_t b) {
  return int_value(type, evaluate(op, type, bits_of_int(type, a), bits_of_int(type, b)));
}
double on_floats(BinaryOp op, DType type, double a, double b) {
  return float_value(type, evaluate(op, type, bits_of_float(type, a), bits_of_float(type, b)));
}
double on_float(UnaryOp op, DType type, double a) {
  return float_value(type, evaluate(op, type, bits_of_float(type, a)));
}
std::uint64_t bits(double value) { return bits_of_float(DType::float64, value); }

/// The value as an integer type, after the conversion of a float64.
std::uint64_t from_double(DType to, double value) { return evaluate_cast(to, DType::float64, bits(value)); }

TEST(IrArithmetic, IntegersWrap) {
  for (const DType type : integer_types) {
    SCOPED_TRACE(cppstencils::to_string(type));
    EXPECT_EQ(evaluate(BinaryOp::add, type, largest(type), 1), smallest(type));
    EXPECT_EQ(evaluate(BinaryOp::subtract, type, smallest(type), 1), largest(type));
    EXPECT_EQ(evaluate(BinaryOp::multiply, type, largest(type), 2), all_ones(type) - 1);
    EXPECT_EQ(evaluate(BinaryOp::multiply, type, all_ones(type), all_ones(type)), 1U);
    EXPECT_EQ(evaluate(UnaryOp::negate, type, smallest(type)), smallest(type));
    EXPECT_EQ(evaluate(UnaryOp::negate, type, 1), all_ones(type));
    EXPECT_EQ(evaluate(UnaryOp::absolute, type, smallest(type)), smallest(type));
  }
  EXPECT_EQ(evaluate(UnaryOp::absolute, DType::int16, bits_of_int(DType::int16, -5)), 5U);
  EXPECT_EQ(evaluate(UnaryOp::absolute, DType::uint16, 65531), 65531U);
}

TEST(IrArithmetic, IntegerDivisionTruncatesAndHasNoBadCase) {
  EXPECT_EQ(on_ints(BinaryOp::divide, DType::int32, 7, 2), 3);
  EXPECT_EQ(on_ints(BinaryOp::divide, DType::int32, -7, 2), -3);
  EXPECT_EQ(on_ints(BinaryOp::divide, DType::int32, 7, -2), -3);
  EXPECT_EQ(on_ints(BinaryOp::divide, DType::int32, -7, -2), 3);
  EXPECT_EQ(evaluate(BinaryOp::divide, DType::uint64, ~std::uint64_t{0}, 2), ~std::uint64_t{0} / 2);
  for (const DType type : integer_types) {
    SCOPED_TRACE(cppstencils::to_string(type));
    EXPECT_EQ(evaluate(BinaryOp::divide, type, 5, 0), 0U);
    EXPECT_EQ(evaluate(BinaryOp::divide, type, 0, 0), 0U);
    EXPECT_EQ(evaluate(BinaryOp::divide, type, smallest(type), 1), smallest(type));
    if (is_signed_integer(type)) {
      EXPECT_EQ(evaluate(BinaryOp::divide, type, smallest(type), all_ones(type)), smallest(type));
    }
  }
}

TEST(IrArithmetic, OperatorsOnBitsStayInTheirType) {
  for (const DType type : integer_types) {
    SCOPED_TRACE(cppstencils::to_string(type));
    EXPECT_EQ(evaluate(BinaryOp::bit_and, type, 0b1100, 0b1010), 0b1000U);
    EXPECT_EQ(evaluate(BinaryOp::bit_xor, type, 0b1100, 0b1010), 0b0110U);
    EXPECT_EQ(evaluate(BinaryOp::bit_and, type, all_ones(type), 0x55), 0x55U);
    EXPECT_EQ(evaluate(BinaryOp::bit_xor, type, all_ones(type), 0x55), all_ones(type) - 0x55);
  }
}

TEST(IrArithmetic, IntegersCompareWithTheirSign) {
  const std::uint64_t minus_one = 0xff;
  EXPECT_EQ(evaluate(CompareOp::less, DType::int8, minus_one, 1), 1U);
  EXPECT_EQ(evaluate(CompareOp::less, DType::uint8, minus_one, 1), 0U);
  EXPECT_EQ(evaluate(BinaryOp::minimum, DType::int8, minus_one, 1), minus_one);
  EXPECT_EQ(evaluate(BinaryOp::minimum, DType::uint8, minus_one, 1), 1U);
  EXPECT_EQ(evaluate(BinaryOp::maximum, DType::int8, minus_one, 1), 1U);
  EXPECT_EQ(evaluate(CompareOp::less_equal, DType::uint64, 5, 5), 1U);
  EXPECT_EQ(evaluate(CompareOp::equal, DType::int32, 5, 6), 0U);
  EXPECT_EQ(evaluate(CompareOp::not_equal, DType::int32, 5, 6), 1U);
}

TEST(IrArithmetic, FloatsAreRoundedOnceInTheirOwnType) {
  const double tiny = std::numeric_limits<float>::epsilon();
  // The exact sum lies above the middle of two floats only by what float64 can hold.
  EXPECT_EQ(on_floats(BinaryOp::add, DType::float32, 1, tiny / 2), 1);
  EXPECT_EQ(on_floats(BinaryOp::add, DType::float64, 1, tiny / 2), 1 + tiny / 2);
  EXPECT_EQ(on_floats(BinaryOp::multiply, DType::float32, 1 + tiny, 1 + tiny), 1 + 2 * tiny);
  EXPECT_EQ(on_floats(BinaryOp::divide, DType::float32, 1, 3), static_cast<double>(1.0F / 3.0F));
  EXPECT_EQ(on_float(UnaryOp::square_root, DType::float32, 2), static_cast<double>(1.4142135F));
  EXPECT_EQ(on_float(UnaryOp::square_root, DType::float64, 2), 1.4142135623730951);
}

TEST(IrArithmetic, SpecialFloatsFollowTheStandard) {
  for (const DType type : float_types) {
    SCOPED_TRACE(cppstencils::to_string(type));
    EXPECT_EQ(on_floats(BinaryOp::divide, type, 1, 0.0), infinity);
    EXPECT_EQ(on_floats(BinaryOp::divide, type, 1, -0.0), -infinity);
    EXPECT_TRUE(std::isnan(on_floats(BinaryOp::divide, type, 0, 0)));
    EXPECT_TRUE(std::isnan(on_floats(BinaryOp::subtract, type, infinity, infinity)));
    EXPECT_TRUE(std::isnan(on_float(UnaryOp::square_root, type, -1)));
    EXPECT_TRUE(std::signbit(on_float(UnaryOp::square_root, type, -0.0)));
    EXPECT_TRUE(std::signbit(on_float(UnaryOp::negate, type, 0.0)));
    EXPECT_FALSE(std::signbit(on_float(UnaryOp::absolute, type, -0.0)));
    EXPECT_FALSE(std::signbit(on_floats(BinaryOp::subtract, type, 0.0, 0.0)));
    EXPECT_EQ(on_float(UnaryOp::floor, type, -1.5), -2);
    EXPECT_EQ(on_float(UnaryOp::ceil, type, 1.25), 2);
    EXPECT_TRUE(std::signbit(on_float(UnaryOp::ceil, type, -0.5)));
    EXPECT_EQ(on_float(UnaryOp::floor, type, -infinity), -infinity);
    // Subnormals are kept: bits 1 and 1 make bits 2.
    EXPECT_EQ(evaluate(BinaryOp::add, type, 1, 1), 2U);
    for (const CompareOp op : {CompareOp::equal, CompareOp::less, CompareOp::less_equal}) {
      EXPECT_EQ(evaluate(op, type, bits_of_float(type, not_a_number), bits_of_float(type, 1)), 0U);
    }
    const std::uint64_t nan_bits = bits_of_float(type, not_a_number);
    EXPECT_EQ(evaluate(CompareOp::not_equal, type, nan_bits, nan_bits), 1U);
    EXPECT_EQ(evaluate(CompareOp::equal, type, bits_of_float(type, 0.0), bits_of_float(type, -0.0)), 1U);
  }
}

TEST(IrArithmetic, MinimumAndMaximumSayWhatHappensToNansAndZeros) {
  for (const DType type : float_types) {
    SCOPED_TRACE(cppstencils::to_string(type));
    EXPECT_EQ(on_floats(BinaryOp::minimum, type, 1, 2), 1);
    EXPECT_EQ(on_floats(BinaryOp::maximum, type, 1, 2), 2);
    for (const BinaryOp op : {BinaryOp::minimum, BinaryOp::maximum}) {
      // (a < b or a is NaN) ? a : b, so a NaN on either side comes out.
      EXPECT_TRUE(std::isnan(on_floats(op, type, not_a_number, 1)));
      EXPECT_TRUE(std::isnan(on_floats(op, type, 1, not_a_number)));
      // Equal operands give the second one.
      EXPECT_TRUE(std::signbit(on_floats(op, type, 0.0, -0.0)));
      EXPECT_FALSE(std::signbit(on_floats(op, type, -0.0, 0.0)));
    }
  }
}

TEST(IrArithmetic, FusedMultiplyAddIsRoundedOnce) {
  const double e = std::numeric_limits<double>::epsilon();
  const std::uint64_t fused = evaluate_fused_multiply_add(DType::float64, bits(1 + e), bits(1 - e), bits(-1));
  EXPECT_EQ(float_value(DType::float64, fused), -e * e);
  const double f = std::numeric_limits<float>::epsilon();
  const auto single = [](double value) { return bits_of_float(DType::float32, value); };
  const std::uint64_t narrow = evaluate_fused_multiply_add(DType::float32, single(1 + f), single(1 - f), single(-1));
  EXPECT_EQ(float_value(DType::float32, narrow), -f * f);
}

TEST(IrArithmetic, LogicWorksOnBooleans) {
  for (const std::uint64_t a : {0U, 1U}) {
    EXPECT_EQ(evaluate(UnaryOp::logical_not, DType::boolean, a), 1 - a);
    for (const std::uint64_t b : {0U, 1U}) {
      EXPECT_EQ(evaluate(BinaryOp::logical_and, DType::boolean, a, b), a & b);
      EXPECT_EQ(evaluate(BinaryOp::logical_or, DType::boolean, a, b), a | b);
      EXPECT_EQ(evaluate(CompareOp::equal, DType::boolean, a, b), a == b ? 1U : 0U);
    }
  }
}

TEST(IrArithmetic, FloatsBecomeIntegersByTruncationAndSaturation) {
  for (const DType type : integer_types) {
    SCOPED_TRACE(cppstencils::to_string(type));
    EXPECT_EQ(from_double(type, 2.9), 2U);
    EXPECT_EQ(from_double(type, -0.9), 0U);
    EXPECT_EQ(from_double(type, not_a_number), 0U);
    EXPECT_EQ(from_double(type, infinity), largest(type));
    EXPECT_EQ(from_double(type, -infinity), smallest(type));
    EXPECT_EQ(from_double(type, 1e300), largest(type));
    EXPECT_EQ(from_double(type, -1e300), smallest(type));
    EXPECT_EQ(evaluate_cast(type, DType::float32, bits_of_float(DType::float32, 1e30)), largest(type));
  }
  EXPECT_EQ(from_double(DType::int8, -2.9), 0xfeU);
  EXPECT_EQ(from_double(DType::uint8, -2.9), 0U);
  EXPECT_EQ(from_double(DType::uint8, 255.9), 255U);
  EXPECT_EQ(from_double(DType::int64, 0x1p62), std::uint64_t{1} << 62);
  EXPECT_EQ(from_double(DType::int64, 0x1p63), largest(DType::int64));
  EXPECT_EQ(from_double(DType::int64, -0x1p63), smallest(DType::int64));
  EXPECT_EQ(from_double(DType::uint64, 0x1p63), std::uint64_t{1} << 63);
  EXPECT_EQ(from_double(DType::uint64, 0x1p64), largest(DType::uint64));
}

TEST(IrArithmetic, IntegersBecomeFloatsWithOneRounding) {
  const auto to_single = [](DType from, std::uint64_t value) {
    return float_value(DType::float32, evaluate_cast(DType::float32, from, value));
  };
  // Rounding to float64 first would give the float below.
  const std::uint64_t above_middle = (std::uint64_t{1} << 62) + (std::uint64_t{1} << 38) + 1;
  EXPECT_EQ(to_single(DType::int64, above_middle), 0x1p62 + 0x1p39);
  EXPECT_EQ(to_single(DType::uint64, 2 * above_middle), 0x1p63 + 0x1p40);
  EXPECT_EQ(to_single(DType::int8, 0xff), -1);
  EXPECT_EQ(to_single(DType::uint8, 0xff), 255);
  EXPECT_EQ(float_value(DType::float64, evaluate_cast(DType::float64, DType::uint64, ~std::uint64_t{0})), 0x1p64);
}

TEST(IrArithmetic, IntegersBecomeIntegersByWrapping) {
  EXPECT_EQ(evaluate_cast(DType::int64, DType::int8, 0xff), ~std::uint64_t{0});
  EXPECT_EQ(evaluate_cast(DType::int64, DType::uint8, 0xff), 255U);
  EXPECT_EQ(evaluate_cast(DType::uint16, DType::int8, 0xff), 0xffffU);
  EXPECT_EQ(evaluate_cast(DType::int8, DType::int32, 0x181), 0x81U);
  EXPECT_EQ(evaluate_cast(DType::uint32, DType::int64, ~std::uint64_t{0}), 0xffffffffU);
}

TEST(IrArithmetic, BooleansConvertBothWays) {
  EXPECT_EQ(from_double(DType::boolean, 0.5), 1U);
  EXPECT_EQ(from_double(DType::boolean, -0.0), 0U);
  EXPECT_EQ(from_double(DType::boolean, not_a_number), 1U);
  EXPECT_EQ(evaluate_cast(DType::boolean, DType::int32, 256), 1U);
  EXPECT_EQ(evaluate_cast(DType::boolean, DType::int32, 0), 0U);
  EXPECT_EQ(evaluate_cast(DType::int8, DType::boolean, 1), 1U);
  EXPECT_EQ(evaluate_cast(DType::float64, DType::boolean, 1), bits(1));
}

TEST(IrArithmetic, FloatsConvertWithRounding) {
  EXPECT_EQ(evaluate_cast(DType::float32, DType::float64, bits(0.1)), 0x3dcccccdU);
  EXPECT_EQ(evaluate_cast(DType::float64, DType::float32, 0x3dcccccd), bits(static_cast<double>(0.1F)));
  EXPECT_EQ(evaluate_cast(DType::float32, DType::float64, bits(1e300)), bits_of_float(DType::float32, infinity));
}

}  // namespace
}  // namespace cppstencils::ir
