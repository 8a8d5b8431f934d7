#include <limits>

#include "cppstencils/support/error.hpp"
#include "sym/operands.hpp"

namespace cppstencils {

namespace sym {

namespace {

__int128 greatest_common_divisor(__int128 a, __int128 b) {
  if (a < 0) a = -a;
  if (b < 0) b = -b;
  while (b != 0) {
    const __int128 rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

[[noreturn]] void fail_overflow() {
  throw ExpressionError({.code = ErrorCode::number_overflow,
                         .message = "An exact number leaves the range of 64-bit integers.",
                         .hints = {"Write one of the numbers as a floating-point number, such as 3.0."}});
}

}  // namespace

Number make_number(__int128 numerator, __int128 denominator) {
  if (denominator == 0) {
    throw ExpressionError({.code = ErrorCode::invalid_expression, .message = "An exact number is divided by zero."});
  }
  if (denominator < 0) {
    numerator = -numerator;
    denominator = -denominator;
  }
  const __int128 divisor = greatest_common_divisor(denominator, numerator);
  numerator /= divisor;
  denominator /= divisor;
  constexpr __int128 most = std::numeric_limits<std::int64_t>::max();
  // The smallest int64 is left out, so that every number has a negative.
  if (numerator > most || numerator < -most || denominator > most) fail_overflow();
  return {static_cast<std::int64_t>(numerator), static_cast<std::int64_t>(denominator)};
}

Number add(const Number& a, const Number& b) {
  const __int128 left = static_cast<__int128>(a.numerator) * b.denominator;
  const __int128 right = static_cast<__int128>(b.numerator) * a.denominator;
  return make_number(left + right, static_cast<__int128>(a.denominator) * b.denominator);
}

Number multiply(const Number& a, const Number& b) {
  return make_number(static_cast<__int128>(a.numerator) * b.numerator,
                     static_cast<__int128>(a.denominator) * b.denominator);
}

Number reciprocal(const Number& a) { return make_number(a.denominator, a.numerator); }

Number power(const Number& base, std::int64_t exponent) {
  if (exponent < 0) {
    if (exponent == std::numeric_limits<std::int64_t>::min()) fail_overflow();
    return reciprocal(power(base, -exponent));
  }
  if (base.denominator == 1 && (base.numerator == 0 || base.numerator == 1)) {
    return exponent == 0 ? Number{1, 1} : base;
  }
  Number result{1, 1};
  Number square = base;
  while (exponent > 0) {
    if (exponent % 2 == 1) result = multiply(result, square);
    exponent /= 2;
    if (exponent > 0) square = multiply(square, square);
  }
  return result;
}

std::strong_ordering compare(const Number& a, const Number& b) {
  const __int128 left = static_cast<__int128>(a.numerator) * b.denominator;
  const __int128 right = static_cast<__int128>(b.numerator) * a.denominator;
  return left < right ? std::strong_ordering::less
                      : (right < left ? std::strong_ordering::greater : std::strong_ordering::equal);
}

}  // namespace sym

Expr rational(std::int64_t numerator, std::int64_t denominator) {
  return Expr(sym::Node{sym::make_number(numerator, denominator)});
}

}  // namespace cppstencils
