#include "sym/number.hpp"

#include <limits>
#include <optional>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"

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

// The number in lowest terms; empty if it does not fit. The denominator is not zero.
std::optional<Number> reduced(__int128 numerator, __int128 denominator) {
  if (denominator < 0) {
    numerator = -numerator;
    denominator = -denominator;
  }
  const __int128 divisor = greatest_common_divisor(numerator, denominator);
  numerator /= divisor;
  denominator /= divisor;
  constexpr __int128 most = std::numeric_limits<std::int64_t>::max();
  constexpr __int128 least = std::numeric_limits<std::int64_t>::min();
  if (numerator > most || numerator < least || denominator > most) return std::nullopt;
  return Number{static_cast<std::int64_t>(numerator), static_cast<std::int64_t>(denominator)};
}

// An operand inside the text of an operation.
std::string operand_text(const Number& number) {
  return number.numerator < 0 || !is_integer(number) ? fmt::format("({})", to_string(number)) : to_string(number);
}

std::string operation_text(const Number& a, std::string_view operation, const Number& b) {
  return fmt::format("{}{}{}", operand_text(a), operation, operand_text(b));
}

}  // namespace

void fail_overflow(const std::string& operation) {
  throw ExpressionError({.code = ErrorCode::number_overflow,
                         .message = fmt::format("The exact number {} does not fit into 64 bits.", operation),
                         .hints = {"Write one of the numbers as a floating-point number, such as 2.0."}});
}

// The products below have at most 127 bits, and so has a sum of two of them: at least one factor is a positive int64.
Number add(const Number& a, const Number& b) {
  const __int128 left = static_cast<__int128>(a.numerator) * b.denominator;
  const __int128 right = static_cast<__int128>(b.numerator) * a.denominator;
  const auto result = reduced(left + right, static_cast<__int128>(a.denominator) * b.denominator);
  if (!result) fail_overflow(operation_text(a, " + ", b));
  return *result;
}

Number multiply(const Number& a, const Number& b) {
  const auto result =
      reduced(static_cast<__int128>(a.numerator) * b.numerator, static_cast<__int128>(a.denominator) * b.denominator);
  if (!result) fail_overflow(operation_text(a, "*", b));
  return *result;
}

Number negate(const Number& a) {
  const auto result = reduced(-static_cast<__int128>(a.numerator), a.denominator);
  if (!result) fail_overflow(fmt::format("-({})", to_string(a)));
  return *result;
}

Number ratio(std::int64_t numerator, std::int64_t denominator) {
  if (denominator == 0) {
    throw ExpressionError({.code = ErrorCode::invalid_expression,
                           .message = fmt::format("The number {}/0 has a zero denominator.", numerator)});
  }
  const auto result = reduced(numerator, denominator);
  if (!result) fail_overflow(operation_text({numerator, 1}, "/", {denominator, 1}));
  return *result;
}

Number reciprocal(const Number& a) {
  if (a.numerator == 0) {
    throw ExpressionError({.code = ErrorCode::invalid_expression,
                           .message = "An expression is divided by the exact number 0.",
                           .hints = {"Divide by something else, or by the floating-point number 0.0."}});
  }
  const auto result = reduced(a.denominator, a.numerator);
  if (!result) fail_overflow(operation_text({1, 1}, "/", a));
  return *result;
}

Number power(const Number& base, std::int64_t exponent) {
  if (exponent == 0) return {1, 1};
  if (base.numerator == 0) return exponent < 0 ? reciprocal(base) : base;
  const bool is_one = is_integer(base) && (base.numerator == 1 || base.numerator == -1);
  if (is_one) return exponent % 2 == 0 ? Number{1, 1} : base;
  const auto fail = [&] { fail_overflow(operation_text(base, "**", {exponent, 1})); };
  // Any other number overflows long before.
  if (exponent > 64 || exponent < -64) fail();
  Number result{1, 1};
  for (std::int64_t i = 0; i != exponent; i += exponent < 0 ? -1 : 1) {
    const auto next = reduced(static_cast<__int128>(result.numerator) * base.numerator,
                              static_cast<__int128>(result.denominator) * base.denominator);
    if (!next) fail();
    result = *next;
  }
  if (exponent > 0) return result;
  const auto inverse = reduced(result.denominator, result.numerator);
  if (!inverse) fail();
  return *inverse;
}

Number floor(const Number& a) {
  const std::int64_t quotient = a.numerator / a.denominator;
  return {a.numerator % a.denominator < 0 ? quotient - 1 : quotient, 1};
}

Number ceil(const Number& a) {
  const std::int64_t quotient = a.numerator / a.denominator;
  return {a.numerator % a.denominator > 0 ? quotient + 1 : quotient, 1};
}

std::strong_ordering compare(const Number& a, const Number& b) {
  const __int128 left = static_cast<__int128>(a.numerator) * b.denominator;
  const __int128 right = static_cast<__int128>(b.numerator) * a.denominator;
  if (left == right) return std::strong_ordering::equal;
  return left < right ? std::strong_ordering::less : std::strong_ordering::greater;
}

std::string to_string(const Number& number) {
  return is_integer(number) ? fmt::format("{}", number.numerator)
                            : fmt::format("{}/{}", number.numerator, number.denominator);
}

}  // namespace sym

Expr rational(std::int64_t numerator, std::int64_t denominator) {
  return sym::make(sym::ratio(numerator, denominator));
}

}  // namespace cppstencils
