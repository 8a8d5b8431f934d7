#pragma once

#include <vector>

#include "cppstencils/sym/expr.hpp"

namespace cppstencils::sym {

/// The operands of an expression in order; empty for a leaf.
std::vector<Expr> operands(const Expr& expr);
/// An expression of the same kind over other operands, built by the public functions, so that their rules apply.
/// `expr` itself if all operands are the same nodes.
Expr with_operands(const Expr& expr, const std::vector<Expr>& operands);

/// The exact number, if the expression is one.
inline const Number* exact(const Expr& expr) { return get_if<Number>(expr); }
inline bool is_exactly(const Expr& expr, std::int64_t value) {
  const Number* number = exact(expr);
  return number != nullptr && number->denominator == 1 && number->numerator == value;
}

/// An exact number in lowest terms. Throws ExpressionError (number-overflow, invalid-expression).
Number make_number(__int128 numerator, __int128 denominator);
Number add(const Number& a, const Number& b);
Number multiply(const Number& a, const Number& b);
Number reciprocal(const Number& a);
Number power(const Number& base, std::int64_t exponent);
std::strong_ordering compare(const Number& a, const Number& b);

/// Order for maps and sets of expressions.
struct StructuralLess {
  bool operator()(const Expr& a, const Expr& b) const { return cppstencils::compare(a, b) < 0; }
};

}  // namespace cppstencils::sym
