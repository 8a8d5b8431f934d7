#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "cppstencils/sym/expr.hpp"

/// Arithmetic with exact numbers. Throws ExpressionError (number-overflow) where a result leaves 64 bits.
namespace cppstencils::sym {

/// The exact number, if the expression is one.
inline const Number* exact(const Expr& expr) { return get_if<Number>(expr); }
inline bool is_exactly(const Expr& expr, std::int64_t value) {
  const Number* number = exact(expr);
  return number != nullptr && number->denominator == 1 && number->numerator == value;
}
inline bool is_integer(const Number& number) { return number.denominator == 1; }
inline Expr make(const Number& number) { return Expr(Node{number}); }

/// numerator/denominator in lowest terms. Throws ExpressionError (invalid-expression) for a zero denominator.
Number ratio(std::int64_t numerator, std::int64_t denominator);
Number add(const Number& a, const Number& b);
Number multiply(const Number& a, const Number& b);
Number negate(const Number& a);
/// Throws ExpressionError (invalid-expression) for 0.
Number reciprocal(const Number& a);
/// Throws ExpressionError (invalid-expression) for 0 to a negative power.
Number power(const Number& base, std::int64_t exponent);
Number floor(const Number& a);
Number ceil(const Number& a);
std::strong_ordering compare(const Number& a, const Number& b);

/// "3" or "-3/4".
std::string to_string(const Number& number);

/// Reports an exact result that does not fit, such as "2**100".
[[noreturn]] void fail_overflow(const std::string& operation);

}  // namespace cppstencils::sym
