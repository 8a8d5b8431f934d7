// Every operator on every type against values worked out by hand: interpreted, and folded by fold_constants.

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "ir/builder.hpp"
#include "ir/verify.hpp"
#include "jit/interpreter/interpreter.hpp"
#include "passes/fold_constants.hpp"

namespace cppstencils::testing {
namespace {

using ir::BinaryOp;
using ir::CompareOp;
using ir::Expr;
using ir::UnaryOp;

/// A typed value of the IR.
struct Value {
  DType type;
  std::uint64_t bits;

  template <Element T>
  Value(T value) : type(dtype_of<T>()), bits(bits_of(value)) {}  // NOLINT(google-explicit-constructor)

 private:
  template <class T>
  static std::uint64_t bits_of(T value) {
    if constexpr (std::is_same_v<T, float>) {
      return std::bit_cast<std::uint32_t>(value);
    } else if constexpr (std::is_same_v<T, double>) {
      return std::bit_cast<std::uint64_t>(value);
    } else if constexpr (std::is_same_v<T, bool>) {
      return value ? 1 : 0;
    } else {
      return static_cast<std::make_unsigned_t<T>>(value);
    }
  }
};

bool same(const Value& expected, std::uint64_t bits) {
  if (is_float(expected.type) && std::isnan(ir::float_value(expected.type, expected.bits))) {
    return std::isnan(ir::float_value(expected.type, bits));
  }
  return bits == expected.bits;
}

ir::Kernel storing(const Expr& value, const std::vector<Value>& operands) {
  ir::Kernel kernel;
  kernel.name = "operators";
  kernel.rank = 1;
  kernel.buffers = {{"result", value.type(), ir::BufferAccess::write, 1, {}}};
  for (const Value& operand : operands) kernel.scalars.push_back({"operand", operand.type});
  kernel.body = {ir::Stmt{ir::Loop{0, 1, {ir::Stmt{ir::Store{ir::BufferId{0}, {0}, {}, value}}}}}};
  ir::verify(kernel, "test");
  return kernel;
}

/// Runs a kernel that stores one value, and returns its bits.
std::uint64_t interpreted(const Expr& value, const std::vector<Value>& operands) {
  // More than one element, so that a write that is too wide shows.
  std::array<std::uint64_t, 2> memory{0x5555555555555555, 0x5555555555555555};
  void* data = memory.data();
  const std::int64_t stride = 1;
  std::vector<const void*> scalars;
  for (const Value& operand : operands) scalars.push_back(&operand.bits);
  const CppstencilsKernelArguments arguments{&data, &stride, scalars.data(), nullptr};
  const std::int64_t begin = 0;
  const std::int64_t end = 1;
  jit::interpret(storing(value, operands), &arguments, &begin, &end);
  const std::size_t unused = 64 - 8 * size_of(value.type());
  EXPECT_EQ(memory[1], 0x5555555555555555);
  if (unused != 0) {
    EXPECT_EQ(memory[0] >> (64 - unused), 0x5555555555555555 >> (64 - unused));
  }
  return memory[0] << unused >> unused;
}

enum class Folds : std::uint8_t { yes, no };

/// Expects the operator that `build` makes of the operands to give `expected`.
template <class Build>
void expect(const Value& expected, const Build& build, const std::vector<Value>& operands, Folds folds = Folds::yes) {
  std::vector<Expr> parameters;
  std::vector<Expr> literals;
  std::string text;
  for (std::uint32_t i = 0; i < operands.size(); ++i) {
    parameters.push_back(ir::scalar_parameter(ir::ScalarId{i}, operands[i].type));
    literals.push_back(ir::constant_from_bits(operands[i].type, operands[i].bits));
  }
  const Expr value = build(literals);
  SCOPED_TRACE(to_string(storing(value, operands)));
  ASSERT_EQ(value.type(), expected.type);
  const std::uint64_t result = interpreted(build(parameters), operands);
  EXPECT_TRUE(same(expected, result)) << fmt::format("expected bits {:#x}, interpreted {:#x}", expected.bits, result);
  const ir::Kernel folded = passes::fold_constants(storing(value, operands));
  const auto& loop = std::get<ir::Loop>(folded.body[0].kind);
  const auto literal = ir::constant_bits(std::get<ir::Store>(loop.body[0].kind).value);
  ASSERT_EQ(literal.has_value(), folds == Folds::yes);
  if (literal) {
    EXPECT_TRUE(same(expected, *literal)) << fmt::format("expected bits {:#x}, folded {:#x}", expected.bits, *literal);
  }
}

void expect(const Value& expected, UnaryOp op, Value operand) {
  expect(expected, [&](const std::vector<Expr>& e) { return ir::unary(op, e[0]); }, {operand});
}
void expect(const Value& expected, BinaryOp op, Value left, Value right) {
  expect(expected, [&](const std::vector<Expr>& e) { return ir::binary(op, e[0], e[1]); }, {left, right});
}
void expect(bool expected, CompareOp op, Value left, Value right) {
  expect(Value(expected), [&](const std::vector<Expr>& e) { return ir::compare(op, e[0], e[1]); }, {left, right});
}
void expect_cast(const Value& expected, Value operand) {
  expect(expected, [&](const std::vector<Expr>& e) { return ir::cast(expected.type, e[0]); }, {operand});
}
void expect_fused(const Value& expected, Value a, Value b, Value c) {
  expect(expected, [&](const std::vector<Expr>& e) { return ir::fused_multiply_add(e[0], e[1], e[2]); }, {a, b, c});
}

template <class T>
class IntegerOperators : public ::testing::Test {};
using IntegerTypes = ::testing::Types<std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t,
                                      std::uint16_t, std::uint32_t, std::uint64_t>;
TYPED_TEST_SUITE(IntegerOperators, IntegerTypes);

TYPED_TEST(IntegerOperators, Wrap) {
  using T = TypeParam;
  const T min = std::numeric_limits<T>::min();
  const T max = std::numeric_limits<T>::max();
  const T one = 1;
  const auto t = [](int value) { return static_cast<T>(value); };
  expect(t(7), BinaryOp::add, t(3), t(4));
  expect(min, BinaryOp::add, max, one);
  expect(max, BinaryOp::add, min, t(-1));
  expect(t(3), BinaryOp::subtract, t(7), t(4));
  expect(t(-3), BinaryOp::subtract, t(4), t(7));
  expect(max, BinaryOp::subtract, min, one);
  expect(t(12), BinaryOp::multiply, t(3), t(4));
  expect(t(-2), BinaryOp::multiply, max, t(2));
  expect(one, BinaryOp::multiply, max, max);  // (2^n - 1)^2 is 1 modulo 2^n and modulo 2^(n+1)
  expect(t(-5), UnaryOp::negate, t(5));
  expect(min, UnaryOp::negate, min);
}

TYPED_TEST(IntegerOperators, DivideWithoutFailing) {
  using T = TypeParam;
  const T max = std::numeric_limits<T>::max();
  const auto t = [](int value) { return static_cast<T>(value); };
  expect(t(3), BinaryOp::divide, t(7), t(2));
  expect(t(0), BinaryOp::divide, t(7), t(0));
  expect(t(0), BinaryOp::divide, t(0), t(0));
  expect(t(1), BinaryOp::divide, max, max);
  expect(t(0), BinaryOp::divide, t(2), t(7));
}

TYPED_TEST(IntegerOperators, CompareAndSelect) {
  using T = TypeParam;
  const T min = std::numeric_limits<T>::min();
  const T max = std::numeric_limits<T>::max();
  const T one = 1;
  expect(min, BinaryOp::minimum, min, max);
  expect(min, BinaryOp::minimum, max, min);
  expect(max, BinaryOp::maximum, min, max);
  expect(max, BinaryOp::maximum, max, min);
  expect(true, CompareOp::less, min, max);
  expect(false, CompareOp::less, max, min);
  expect(false, CompareOp::less, one, one);
  expect(true, CompareOp::less_equal, one, one);
  expect(false, CompareOp::less_equal, max, one);
  expect(true, CompareOp::equal, max, max);
  expect(false, CompareOp::equal, max, one);
  expect(true, CompareOp::not_equal, min, max);
  expect(false, CompareOp::not_equal, min, min);
  const auto select = [](const std::vector<Expr>& e) { return ir::select(e[0], e[1], e[2]); };
  expect(min, select, {true, min, max});
  expect(max, select, {false, min, max});
}

TYPED_TEST(IntegerOperators, Convert) {
  using T = TypeParam;
  const T min = std::numeric_limits<T>::min();
  const T max = std::numeric_limits<T>::max();
  const int bits = std::numeric_limits<T>::digits;
  expect_cast(false, T{0});
  expect_cast(true, T{2});
  expect_cast(true, min == 0 ? max : min);
  expect_cast(T{1}, true);
  expect_cast(T{0}, false);
  expect_cast(static_cast<T>(-1), std::int64_t{-1});
  expect_cast(static_cast<T>(0x1234567890abcdef), std::int64_t{0x1234567890abcdef});
  expect_cast(T{3}, 3.99);
  expect_cast(static_cast<T>(min == 0 ? 0 : -3), -3.99);
  expect_cast(T{0}, -0.99f);
  expect_cast(max, 1e300);
  expect_cast(min, -1e300);
  expect_cast(max, std::ldexp(1.0, bits));
  expect_cast(max, std::ldexp(1.0f, bits));
  expect_cast(static_cast<T>(T{1} << (bits - 1)), std::ldexp(1.0f, bits - 1));
  expect_cast(min, -std::ldexp(1.0, bits));
  expect_cast(max, std::numeric_limits<float>::infinity());
  expect_cast(min, -std::numeric_limits<double>::infinity());
  expect_cast(T{0}, std::numeric_limits<double>::quiet_NaN());
  expect_cast(T{0}, -std::numeric_limits<float>::quiet_NaN());
  expect_cast(5.0, T{5});
  expect_cast(5.0f, T{5});
}

template <class T>
class SignedOperators : public ::testing::Test {};
using SignedTypes = ::testing::Types<std::int8_t, std::int16_t, std::int32_t, std::int64_t>;
TYPED_TEST_SUITE(SignedOperators, SignedTypes);

TYPED_TEST(SignedOperators, SmallestValueAndSigns) {
  using T = TypeParam;
  const T min = std::numeric_limits<T>::min();
  const T max = std::numeric_limits<T>::max();
  const auto t = [](int value) { return static_cast<T>(value); };
  expect(min, BinaryOp::divide, min, t(-1));
  expect(static_cast<T>(-max), BinaryOp::divide, max, t(-1));
  expect(t(-3), BinaryOp::divide, t(-7), t(2));
  expect(t(-3), BinaryOp::divide, t(7), t(-2));
  expect(t(3), BinaryOp::divide, t(-7), t(-2));
  expect(t(0), BinaryOp::divide, min, t(0));
  expect(min, UnaryOp::absolute, min);
  expect(max, UnaryOp::absolute, static_cast<T>(-max));
  expect(t(5), UnaryOp::absolute, t(5));
  expect(true, CompareOp::less, t(-1), t(0));
  expect(t(-1), BinaryOp::minimum, t(-1), t(1));
  expect_cast(t(-128), std::int8_t{-128});  // keeps its sign
  expect_cast(t(127), std::uint8_t{127});
}

template <class T>
class UnsignedOperators : public ::testing::Test {};
using UnsignedTypes = ::testing::Types<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>;
TYPED_TEST_SUITE(UnsignedOperators, UnsignedTypes);

TYPED_TEST(UnsignedOperators, LargestValue) {
  using T = TypeParam;
  const T max = std::numeric_limits<T>::max();
  expect(max, UnaryOp::absolute, max);
  expect(max, UnaryOp::negate, T{1});
  expect(T{0}, BinaryOp::divide, static_cast<T>(max - 1), max);
  expect(static_cast<T>(max / 2), BinaryOp::divide, max, T{2});
  expect(false, CompareOp::less, max, T{0});
  expect(max, BinaryOp::maximum, max, T{1});
}

TEST(Operators, ConversionsOfWideIntegersRoundToNearestEven) {
  expect_cast(9007199254740992.0, std::int64_t{9007199254740993});  // 2^53 + 1
  expect_cast(9007199254740996.0, std::int64_t{9007199254740995});
  expect_cast(16777216.0f, std::int32_t{16777217});  // 2^24 + 1
  expect_cast(16777220.0f, std::uint32_t{16777219});
  expect_cast(18446744073709551616.0, std::numeric_limits<std::uint64_t>::max());
  expect_cast(-9223372036854775808.0f, std::numeric_limits<std::int64_t>::min());
  // Rounded once: through double it would be 2^54 and not 2^54 + 2^31.
  expect_cast(18014400656965632.0f, std::int64_t{18014399583223809});
  expect_cast(std::uint64_t{18446744073709549568U}, 18446744073709549568.0);
  expect_cast(std::int8_t{-128}, std::int32_t{0x180});
  expect_cast(std::int8_t{-1}, std::uint64_t{0xffff});
  expect_cast(std::uint32_t{0xffffff80}, std::int8_t{-128});
  expect_cast(std::uint64_t{0xffffffffffffff80}, std::int8_t{-128});
  expect_cast(std::int32_t{200}, std::uint8_t{200});
  expect_cast(std::int8_t{-128}, -128.9);
  expect_cast(std::int8_t{-128}, -129.0);
  expect_cast(std::int8_t{127}, 127.9f);
  expect_cast(std::uint8_t{255}, 255.9f);
}

template <class T>
class FloatOperators : public ::testing::Test {};
using FloatTypes = ::testing::Types<float, double>;
TYPED_TEST_SUITE(FloatOperators, FloatTypes);

TYPED_TEST(FloatOperators, AreThoseOfIeee754) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  const T inf = Limits::infinity();
  const T nan = Limits::quiet_NaN();
  const T tiny = Limits::denorm_min();
  const T zero = 0;
  const T eps = Limits::epsilon();
  expect(T(1), BinaryOp::add, T(1), eps / 2);  // a tie goes to even
  expect(1 + 2 * eps, BinaryOp::add, 1 + eps, eps / 2);
  expect(inf, BinaryOp::add, Limits::max(), Limits::max());
  expect(nan, BinaryOp::subtract, inf, inf);
  expect(zero, BinaryOp::subtract, T(1), T(1));
  expect(zero, BinaryOp::add, -zero, zero);
  expect(-zero, BinaryOp::add, -zero, -zero);
  expect(-zero, BinaryOp::subtract, -zero, zero);
  expect(-zero, BinaryOp::multiply, -T(1), zero);
  expect(nan, BinaryOp::multiply, inf, zero);
  expect(Limits::min() / 2, BinaryOp::multiply, Limits::min(), T(0.5));  // subnormals are kept
  expect(zero, BinaryOp::multiply, tiny, T(0.5));
  expect(2 * tiny, BinaryOp::multiply, tiny, T(1.5));
  expect(inf, BinaryOp::divide, T(1), zero);
  expect(-inf, BinaryOp::divide, T(1), -zero);
  expect(nan, BinaryOp::divide, zero, zero);
  expect(nan, BinaryOp::add, nan, T(1));
}

TYPED_TEST(FloatOperators, UnaryOnes) {
  using T = TypeParam;
  const T inf = std::numeric_limits<T>::infinity();
  const T nan = std::numeric_limits<T>::quiet_NaN();
  const T zero = 0;
  expect(-zero, UnaryOp::negate, zero);
  expect(zero, UnaryOp::negate, -zero);
  expect(-inf, UnaryOp::negate, inf);
  expect(nan, UnaryOp::negate, nan);
  expect(zero, UnaryOp::absolute, -zero);
  expect(inf, UnaryOp::absolute, -inf);
  expect(T(2.5), UnaryOp::absolute, T(-2.5));
  expect(T(3), UnaryOp::square_root, T(9));
  expect(-zero, UnaryOp::square_root, -zero);
  expect(nan, UnaryOp::square_root, T(-1));
  expect(inf, UnaryOp::square_root, inf);
  expect(T(-3), UnaryOp::floor, T(-2.5));
  expect(T(2), UnaryOp::floor, T(2.5));
  expect(-zero, UnaryOp::floor, -zero);
  expect(T(-2), UnaryOp::ceil, T(-2.5));
  expect(T(3), UnaryOp::ceil, T(2.5));
  expect(-zero, UnaryOp::ceil, T(-0.5));
  expect(-inf, UnaryOp::floor, -inf);
  expect(nan, UnaryOp::ceil, nan);
}

TYPED_TEST(FloatOperators, MinimumAndMaximumAsDefined) {
  using T = TypeParam;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  const T zero = 0;
  for (const auto op : {BinaryOp::minimum, BinaryOp::maximum}) {
    expect(nan, op, nan, T(1));
    expect(nan, op, T(1), nan);
    expect(zero, op, -zero, zero);  // neither is less: the second one
    expect(-zero, op, zero, -zero);
  }
  expect(T(1), BinaryOp::minimum, T(1), T(2));
  expect(T(1), BinaryOp::minimum, T(2), T(1));
  expect(T(2), BinaryOp::maximum, T(1), T(2));
  expect(T(2), BinaryOp::maximum, T(2), T(1));
}

TYPED_TEST(FloatOperators, Compare) {
  using T = TypeParam;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  const T zero = 0;
  expect(true, CompareOp::equal, zero, -zero);
  expect(false, CompareOp::less, -zero, zero);
  expect(true, CompareOp::less_equal, zero, -zero);
  expect(false, CompareOp::equal, nan, nan);
  expect(true, CompareOp::not_equal, nan, nan);
  expect(false, CompareOp::less, nan, T(1));
  expect(false, CompareOp::less_equal, T(1), nan);
  expect(true, CompareOp::less, T(-1), T(1));
  expect_cast(true, nan);
  expect_cast(false, -zero);
  expect_cast(true, std::numeric_limits<T>::denorm_min());
  expect_cast(T(1), true);
}

TYPED_TEST(FloatOperators, FusedMultiplyAddRoundsOnce) {
  using T = TypeParam;
  const T eps = std::numeric_limits<T>::epsilon();
  const T inf = std::numeric_limits<T>::infinity();
  const T max = std::numeric_limits<T>::max();
  const T zero = 0;
  expect_fused(-eps * eps, 1 + eps, 1 - eps, T(-1));
  expect_fused(zero, T(1), T(1), T(-1));
  expect_fused(max, max, T(2), -max);
  expect_fused(std::numeric_limits<T>::quiet_NaN(), inf, zero, T(1));
  expect_fused(-zero, -zero, T(1), -zero);
}

TEST(Operators, Float32IsComputedInFloat32) {
  expect(0.3f, BinaryOp::add, 0.1f, 0.2f);  // 0.30000001192092896
  expect(0.30000000000000004, BinaryOp::add, 0.1, 0.2);
  expect(0.333333343f, BinaryOp::divide, 1.0f, 3.0f);
  expect(0.3333333333333333, BinaryOp::divide, 1.0, 3.0);
  expect(1.41421354f, UnaryOp::square_root, 2.0f);
  expect(1.4142135623730951, UnaryOp::square_root, 2.0);
  expect_cast(0.1f, 0.1);
  expect_cast(0.10000000149011612, 0.1f);
  expect_cast(std::numeric_limits<float>::infinity(), 1e300);
  expect_cast(-0.0f, -1e-300);
  // The product is rounded to float32 before the sum.
  const auto multiply_add = [](const std::vector<Expr>& e) {
    return ir::binary(BinaryOp::add, ir::binary(BinaryOp::multiply, e[0], e[1]), e[2]);
  };
  const float eps = std::numeric_limits<float>::epsilon();
  expect(0.0f, multiply_add, {1 + eps, 1 - eps, -1.0f});
}

TEST(Operators, Logic) {
  for (const bool a : {false, true}) {
    expect(!a, UnaryOp::logical_not, a);
    for (const bool b : {false, true}) {
      expect(a && b, BinaryOp::logical_and, a, b);
      expect(a || b, BinaryOp::logical_or, a, b);
      expect(a == b, CompareOp::equal, a, b);
      expect(a != b, CompareOp::not_equal, a, b);
    }
  }
}

void expect_call(const Value& expected, ir::MathFunction function, const std::vector<Value>& operands) {
  expect(
      expected, [&](const std::vector<Expr>& e) { return ir::call(function, e); }, operands, Folds::no);
}

TYPED_TEST(FloatOperators, MathFunctions) {
  using T = TypeParam;
  using enum ir::MathFunction;
  const T inf = std::numeric_limits<T>::infinity();
  const T nan = std::numeric_limits<T>::quiet_NaN();
  const T half_pi = static_cast<T>(1.57079632679489661923L);
  expect_call(T(1), exp, {T(0)});
  expect_call(T(0), exp, {-inf});
  expect_call(T(0), log, {T(1)});
  expect_call(-inf, log, {T(0)});
  expect_call(nan, log, {T(-1)});
  for (const auto odd : {sin, tan, sinh, tanh, asin, atan}) expect_call(T(-0.0), odd, {T(-0.0)});
  expect_call(T(1), cos, {T(0)});
  expect_call(T(1), cosh, {T(0)});
  expect_call(T(0), acos, {T(1)});
  expect_call(half_pi, asin, {T(1)});
  expect_call(half_pi, atan, {inf});
  expect_call(T(-1), tanh, {-inf});
  expect_call(half_pi, atan2, {T(1), T(0)});
  expect_call(2 * half_pi, atan2, {T(0), T(-1)});
  expect_call(T(1024), pow, {T(2), T(10)});
  expect_call(T(0.125), pow, {T(2), T(-3)});
  expect_call(nan, pow, {T(-2), T(0.5)});
  // The library's function of this type, not the one of the other type.
  for (const T x : {T(1.3), T(1.7), T(2.9)}) {
    expect_call(std::tan(x), tan, {x});
    expect_call(std::acos(1 / x), acos, {1 / x});
  }
}

}  // namespace
}  // namespace cppstencils::testing
