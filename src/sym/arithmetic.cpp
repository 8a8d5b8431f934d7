#include <algorithm>

#include "cppstencils/support/error.hpp"
#include "sym/operands.hpp"

namespace cppstencils {

namespace {

using sym::exact;
using sym::is_exactly;

Expr make(const sym::Number& number) { return Expr(sym::Node{number}); }

Expr make_sum(std::vector<Expr> terms) {
  if (terms.empty()) return Expr(0);
  if (terms.size() == 1) return terms.front();
  return Expr(sym::Node{sym::Sum{std::move(terms)}});
}

Expr make_product(std::vector<Expr> factors) {
  if (factors.empty()) return Expr(1);
  if (factors.size() == 1) return factors.front();
  return Expr(sym::Node{sym::Product{std::move(factors)}});
}

// Factors of a product, or the expression as the only one.
std::vector<Expr> factors_of(const Expr& expr) {
  if (const auto* product = get_if<sym::Product>(expr)) return product->factors;
  return {expr};
}

// True for a product that begins with -1: the negative of the rest.
bool has_sign(const Expr& expr) {
  const auto* product = get_if<sym::Product>(expr);
  return product != nullptr && is_exactly(product->factors.front(), -1);
}

// Adds one factor on the right, by the rules of operator*.
Expr append_factor(const Expr& left, const Expr& right) {
  std::vector<Expr> factors = factors_of(left);
  factors.push_back(right);
  return make_product(std::move(factors));
}

}  // namespace

Expr operator-(const Expr& operand) {
  if (const auto* number = exact(operand)) return make(sym::multiply({-1, 1}, *number));
  if (const auto* number = get_if<sym::Float>(operand)) return Expr(-number->value);
  std::vector<Expr> factors = factors_of(operand);
  if (const auto* number = exact(factors.front())) {
    if (is_exactly(factors.front(), -1)) {
      factors.erase(factors.begin());
    } else {
      factors.front() = make(sym::multiply({-1, 1}, *number));
    }
  } else {
    factors.insert(factors.begin(), Expr(-1));
  }
  return make_product(std::move(factors));
}

Expr operator+(const Expr& left, const Expr& right) { return sum({left, right}); }

Expr operator-(const Expr& left, const Expr& right) {
  if (is_exactly(right, 0)) return left;
  return left + -right;
}

Expr operator*(const Expr& left, const Expr& right) {
  const auto* a = exact(left);
  const auto* b = exact(right);
  if (a != nullptr && b != nullptr) return make(sym::multiply(*a, *b));
  if (is_exactly(left, 0) || is_exactly(right, 0)) return Expr(0);
  if (is_exactly(left, 1)) return right;
  if (is_exactly(right, 1)) return left;
  if (is_exactly(left, -1)) return -right;
  if (is_exactly(right, -1)) return -left;
  // A sign is exact wherever it stands, so it moves to the front.
  if (has_sign(right)) return -(left * -right);
  return append_factor(left, right);
}

Expr operator/(const Expr& left, const Expr& right) {
  if (const auto* number = exact(right)) {
    if (number->numerator < 0) return -(left / -right);
    return left * make(sym::reciprocal(*number));
  }
  if (is_exactly(left, 0)) return left;
  if (has_sign(right)) return -(left / -right);
  const auto* power = get_if<sym::Power>(right);
  const bool exact_power = power != nullptr && exact(power->exponent) != nullptr;
  const Expr inverse = exact_power ? pow(power->base, -power->exponent) : Expr(sym::Node{sym::Power{right, Expr(-1)}});
  return left * inverse;
}

Expr& operator+=(Expr& left, const Expr& right) { return left = left + right; }
Expr& operator-=(Expr& left, const Expr& right) { return left = left - right; }
Expr& operator*=(Expr& left, const Expr& right) { return left = left * right; }
Expr& operator/=(Expr& left, const Expr& right) { return left = left / right; }

Expr sum(const std::vector<Expr>& terms) {
  std::vector<Expr> result;
  for (const Expr& term : terms) {
    if (is_exactly(term, 0)) continue;
    if (result.empty()) {
      const auto* first = get_if<sym::Sum>(term);
      result = first != nullptr ? first->terms : std::vector<Expr>{term};
      continue;
    }
    const auto* number = exact(term);
    const auto* only = result.size() == 1 ? exact(result.front()) : nullptr;
    if (number != nullptr && only != nullptr) {
      result.front() = make(sym::add(*only, *number));
      if (is_exactly(result.front(), 0)) result.clear();
    } else {
      result.push_back(term);
    }
  }
  return make_sum(std::move(result));
}

Expr product(const std::vector<Expr>& factors) {
  Expr result(1);
  for (const Expr& factor : factors) result = result * factor;
  return result;
}

Expr pow(const Expr& base, const Expr& exponent) {
  const auto* n = exact(exponent);
  if (n != nullptr && n->denominator == 1) {
    if (n->numerator == 0) return Expr(1);
    if (n->numerator == 1) return base;
    if (const auto* number = exact(base)) {
      if (number->numerator == 0 && n->numerator < 0) {
        throw ExpressionError(
            {.code = ErrorCode::invalid_expression, .message = "The exact number 0 is raised to a negative power."});
      }
      return make(sym::power(*number, n->numerator));
    }
  }
  if (is_exactly(base, 1)) return base;
  return Expr(sym::Node{sym::Power{base, exponent}});
}

}  // namespace cppstencils
