#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "cppstencils/sym/expr.hpp"
#include "sym/traverse.hpp"

namespace cppstencils::sym {

/// A product of powers of numbered expressions: {number, exponent}, ordered by number, no exponent zero.
using Monomial = std::vector<std::pair<std::size_t, std::int64_t>>;

struct Term {
  Monomial monomial;
  Number coefficient;
};

/// Terms with distinct monomials and non-zero coefficients, in order of first appearance.
using Polynomial = std::vector<Term>;

/// Adds up terms. A term that comes again is added where it first stood.
class TermCollector {
 public:
  void add(const Monomial& monomial, const Number& coefficient);
  void add(const Polynomial& polynomial) {
    for (const auto& [monomial, coefficient] : polynomial) add(monomial, coefficient);
  }
  Polynomial result() &&;

 private:
  Polynomial terms_;
  std::map<Monomial, std::size_t> places_;
};

Polynomial constant(const Number& number);
/// Throws ExpressionError (invalid-expression) where the work would be enormous.
Polynomial multiply(const Polynomial& a, const Polynomial& b);
/// For exponents of 0 or more; for any exponent if there is one term.
Polynomial power(const Polynomial& base, std::int64_t exponent);

/// The polynomial as a sum of products. The coefficient of a term comes first, then factors and divisors in structural
/// order.
Expr to_expr(const Polynomial& polynomial, const ExprNumbering& bases);

}  // namespace cppstencils::sym
