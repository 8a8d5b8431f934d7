// Infinities, zeros, NaN, thresholds and exact cases, as Annex F of the C standard has them.

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "evaluate.hpp"

namespace cppstencils::testing {
namespace {

using ir::MathFunction;

template <class T>
class SpecialValues : public ::testing::Test {
 protected:
  static constexpr T infinity = std::numeric_limits<T>::infinity();
  static constexpr T nan = std::numeric_limits<T>::quiet_NaN();
  static constexpr T smallest = std::numeric_limits<T>::denorm_min();
  static constexpr T least_normal = std::numeric_limits<T>::min();
  static constexpr T largest = std::numeric_limits<T>::max();

  static void expect(MathFunction function, T x, T expected) {
    const T actual = evaluate_at<T>(function, x);
    EXPECT_TRUE(same_value(actual, expected))
        << fmt::format("{}({}) is {}, not {}", to_string(function), x, actual, expected);
  }
  static void expect(MathFunction function, T x, T y, T expected) {
    const T actual = evaluate_at<T>(function, x, y);
    EXPECT_TRUE(same_value(actual, expected))
        << fmt::format("{}({}, {}) is {}, not {}", to_string(function), x, y, actual, expected);
  }
};
using Floats = ::testing::Types<double, float>;
TYPED_TEST_SUITE(SpecialValues, Floats);

TYPED_TEST(SpecialValues, Exp) {
  using T = TypeParam;
  const auto f = MathFunction::exp;
  this->expect(f, T(0), T(1));
  this->expect(f, -T(0), T(1));
  this->expect(f, this->smallest, T(1));
  this->expect(f, -this->smallest, T(1));
  this->expect(f, this->infinity, this->infinity);
  this->expect(f, -this->infinity, T(0));
  this->expect(f, this->largest, this->infinity);
  this->expect(f, -this->largest, T(0));
  this->expect(f, this->nan, this->nan);
  this->expect(f, -this->nan, this->nan);
  // The last argument with a finite result and the next one, the last with a result above zero and the next one.
  const bool single = sizeof(T) == 4;
  const T last_finite = single ? T(0x1.62e42ep6) : T(0x1.62e42fefa39efp9);
  const T last_positive = single ? T(-0x1.9fe368p6) : T(-0x1.74910d52d3051p9);
  EXPECT_LT(evaluate_at<T>(f, last_finite), this->infinity);
  this->expect(f, std::nextafter(last_finite, this->infinity), this->infinity);
  this->expect(f, last_positive, this->smallest);
  this->expect(f, std::nextafter(last_positive, -this->infinity), T(0));
}

TYPED_TEST(SpecialValues, Log) {
  using T = TypeParam;
  const auto f = MathFunction::log;
  this->expect(f, T(1), T(0));
  this->expect(f, T(0), -this->infinity);
  this->expect(f, -T(0), -this->infinity);
  this->expect(f, this->infinity, this->infinity);
  this->expect(f, -this->infinity, this->nan);
  this->expect(f, T(-1), this->nan);
  this->expect(f, -this->smallest, this->nan);
  this->expect(f, this->nan, this->nan);
  this->expect(f, -this->nan, this->nan);
  const bool single = sizeof(T) == 4;
  this->expect(f, this->smallest, single ? T(-103.27892990343184) : T(-744.4400719213812));
  this->expect(f, this->least_normal, single ? T(-87.33654475055310) : T(-708.3964185322641));
  this->expect(f, this->largest, single ? T(88.72283905206835) : T(709.782712893384));
}

TYPED_TEST(SpecialValues, SinAndCos) {
  using T = TypeParam;
  for (const auto f : {MathFunction::sin, MathFunction::cos}) {
    for (const T x : {this->infinity, -this->infinity, this->nan}) this->expect(f, x, this->nan);
  }
  for (const T x : {T(0), this->smallest, this->least_normal, T(1e-12)}) {
    this->expect(MathFunction::sin, x, x);
    this->expect(MathFunction::sin, -x, -x);
    this->expect(MathFunction::cos, x, T(1));
    this->expect(MathFunction::cos, -x, T(1));
  }
  // Odd and even, on both sides of the places where the reduction of the argument changes, and at the largest.
  for (const T x : {T(1), T(0x1p17), T(0x1.000002p17), T(0x1.fffffep29), T(0x1p30), T(0x1.000002p30), this->largest}) {
    this->expect(MathFunction::sin, -x, -evaluate_at<T>(MathFunction::sin, x));
    this->expect(MathFunction::cos, -x, evaluate_at<T>(MathFunction::cos, x));
  }
}

TYPED_TEST(SpecialValues, Hyperbolic) {
  using T = TypeParam;
  for (const auto f : {MathFunction::sinh, MathFunction::tanh}) {
    for (const T x : {T(0), this->smallest, this->least_normal, T(1e-12)}) {
      this->expect(f, x, x);
      this->expect(f, -x, -x);
    }
    this->expect(f, this->nan, this->nan);
  }
  this->expect(MathFunction::sinh, this->infinity, this->infinity);
  this->expect(MathFunction::sinh, -this->infinity, -this->infinity);
  this->expect(MathFunction::sinh, -this->largest, -this->infinity);
  this->expect(MathFunction::tanh, this->infinity, T(1));
  this->expect(MathFunction::tanh, -this->infinity, T(-1));
  this->expect(MathFunction::tanh, this->largest, T(1));
  this->expect(MathFunction::cosh, T(0), T(1));
  this->expect(MathFunction::cosh, -T(0), T(1));
  this->expect(MathFunction::cosh, this->smallest, T(1));
  this->expect(MathFunction::cosh, this->infinity, this->infinity);
  this->expect(MathFunction::cosh, -this->infinity, this->infinity);
  this->expect(MathFunction::cosh, this->nan, this->nan);
}

TYPED_TEST(SpecialValues, Pow) {
  using T = TypeParam;
  const auto f = MathFunction::pow;
  const T inf = this->infinity;
  const T large_odd = std::ldexp(T(1), std::numeric_limits<T>::digits) - 1;
  const T even = std::ldexp(T(1), std::numeric_limits<T>::digits);  // as every larger number
  for (const T x : {T(0), -T(0), T(1), T(-3.5), this->smallest, inf, -inf, this->nan}) {
    this->expect(f, x, T(0), T(1));
    this->expect(f, x, -T(0), T(1));
  }
  for (const T y : {T(0), T(2.5), this->smallest, this->largest, inf, -inf, this->nan}) this->expect(f, T(1), y, T(1));
  this->expect(f, T(-1), inf, T(1));
  this->expect(f, T(-1), -inf, T(1));
  this->expect(f, T(-1), this->nan, this->nan);
  this->expect(f, this->nan, T(2), this->nan);
  for (const T odd : {T(1), T(3), large_odd}) {
    for (const T zero : {T(0), -T(0)}) {
      this->expect(f, zero, odd, zero);
      this->expect(f, zero, -odd, std::copysign(inf, zero));
    }
    this->expect(f, -inf, odd, -inf);
    this->expect(f, -inf, -odd, -T(0));
    this->expect(f, T(-1), odd, T(-1));
  }
  for (const T other : {T(2), T(0.5), even, inf}) {
    for (const T zero : {T(0), -T(0)}) {
      this->expect(f, zero, other, T(0));
      this->expect(f, zero, -other, inf);
    }
    for (const T infinite : {inf, -inf}) {
      this->expect(f, infinite, other, inf);
      this->expect(f, infinite, -other, T(0));
    }
  }
  this->expect(f, inf, T(3), inf);
  this->expect(f, inf, T(-3), T(0));
  for (const T small : {T(0.5), T(-0.5)}) {
    this->expect(f, small, inf, T(0));
    this->expect(f, small, -inf, inf);
    this->expect(f, 4 * small, inf, inf);
    this->expect(f, 4 * small, -inf, T(0));
  }
  this->expect(f, T(-8), T(0.5), this->nan);
  this->expect(f, T(-8), T(-2.25), this->nan);
  this->expect(f, T(-2), T(3), T(-8));
  this->expect(f, T(-2), T(-2), T(0.25));
  // Exact results, the smallest and the largest, and what lies beyond.
  const int least = std::numeric_limits<T>::min_exponent - std::numeric_limits<T>::digits;
  this->expect(f, T(2), T(least), this->smallest);
  this->expect(f, T(2), T(least - 2), T(0));
  this->expect(f, T(-2), T(std::numeric_limits<T>::max_exponent + 1), -inf);
  this->expect(f, T(3), T(4), T(81));
  this->expect(f, T(10), T(5), T(100000));
  this->expect(f, T(9), T(0.5), T(3));
  this->expect(f, this->largest, T(1), this->largest);
  this->expect(f, this->smallest, T(1), this->smallest);
  this->expect(f, this->largest, T(2), inf);
  this->expect(f, T(-5.5), this->largest, inf);
}

}  // namespace
}  // namespace cppstencils::testing
