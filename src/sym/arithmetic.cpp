#include <algorithm>
#include <utility>

#include "cppstencils/sym/expr.hpp"
#include "sym/number.hpp"

namespace cppstencils {

namespace {

using sym::exact;
using sym::is_exactly;
using sym::make;

Expr make_sum(std::vector<Expr> terms) {
  if (terms.empty()) return 0;
  if (terms.size() == 1) return terms.front();
  return Expr(sym::Node{sym::Sum{std::move(terms)}});
}

Expr make_product(std::vector<Expr> factors) {
  if (factors.empty()) return 1;
  if (factors.size() == 1) return factors.front();
  return Expr(sym::Node{sym::Product{std::move(factors)}});
}

// True for a product that begins with -1: the negative of the rest.
bool has_sign(const Expr& expr) {
  const auto* product = get_if<sym::Product>(expr);
  return product != nullptr && is_exactly(product->factors.front(), -1);
}

// The negative of a product of these factors.
Expr negate_product(std::vector<Expr> factors) {
  if (is_exactly(factors.front(), -1)) {
    factors.erase(factors.begin());
  } else if (const auto* number = exact(factors.front())) {
    factors.front() = make(sym::negate(*number));
  } else {
    factors.insert(factors.begin(), Expr(-1));
  }
  return make_product(std::move(factors));
}

/// Adds terms from left to right: what operator+ does, for any number of terms.
class SumBuilder {
 public:
  explicit SumBuilder(std::size_t more_terms) : more_terms_(more_terms) {}

  void add(const Expr& term) {
    if (is_exactly(term, 0)) return;
    if (terms_.empty()) {
      const auto* first = get_if<sym::Sum>(term);
      terms_.reserve(more_terms_ + (first != nullptr ? first->terms.size() : 0));
      if (first != nullptr) {
        terms_.insert(terms_.end(), first->terms.begin(), first->terms.end());
      } else {
        terms_.push_back(term);
      }
      return;
    }
    const auto* number = exact(term);
    const auto* total = number != nullptr && terms_.size() == 1 ? exact(terms_.front()) : nullptr;
    if (total == nullptr) {
      terms_.push_back(term);
      return;
    }
    terms_.front() = make(sym::add(*total, *number));
    if (is_exactly(terms_.front(), 0)) terms_.clear();
  }

  Expr result() && { return make_sum(std::move(terms_)); }

 private:
  std::size_t more_terms_;
  std::vector<Expr> terms_;
};

/// Multiplies a product by further factors from left to right: what operator* does, for any number of factors.
class ProductBuilder {
 public:
  ProductBuilder(const sym::Product& start, std::size_t more_factors) {
    factors_.reserve(start.factors.size() + more_factors + 1);
    factors_.insert(factors_.end(), start.factors.begin(), start.factors.end());
  }

  void multiply(const Expr& factor) {
    if (is_exactly(factor, 1)) return;
    if (is_exactly(factor, 0)) {
      zero_ = true;
    } else if (is_exactly(factor, -1)) {
      negative_ = !negative_;
    } else if (has_sign(factor)) {
      // A sign is exact wherever it stands, so it moves to the front.
      negative_ = !negative_;
      factors_.push_back(-factor);
    } else {
      factors_.push_back(factor);
    }
  }

  Expr result() && {
    if (zero_) return 0;
    return negative_ ? negate_product(std::move(factors_)) : make_product(std::move(factors_));
  }

 private:
  std::vector<Expr> factors_;
  bool negative_ = false;
  bool zero_ = false;
};

}  // namespace

Expr operator-(const Expr& operand) {
  if (const auto* number = exact(operand)) return make(sym::negate(*number));
  if (const auto* number = get_if<sym::Float>(operand)) return -number->value;
  if (const auto* product = get_if<sym::Product>(operand)) return negate_product(product->factors);
  return make_product({Expr(-1), operand});
}

Expr operator+(const Expr& left, const Expr& right) {
  SumBuilder builder(1);
  builder.add(left);
  builder.add(right);
  return std::move(builder).result();
}

Expr operator-(const Expr& left, const Expr& right) {
  if (is_exactly(right, 0)) return left;
  return left + -right;
}

Expr operator*(const Expr& left, const Expr& right) {
  const auto* a = exact(left);
  const auto* b = exact(right);
  if (a != nullptr && b != nullptr) return make(sym::multiply(*a, *b));
  if (is_exactly(left, 0) || is_exactly(right, 0)) return 0;
  if (is_exactly(left, 1)) return right;
  if (is_exactly(right, 1)) return left;
  if (is_exactly(left, -1)) return -right;
  if (is_exactly(right, -1)) return -left;
  if (const auto* product = get_if<sym::Product>(left)) {
    ProductBuilder builder(*product, 1);
    builder.multiply(right);
    return std::move(builder).result();
  }
  if (has_sign(right)) return -(left * -right);
  return make_product({left, right});
}

Expr operator/(const Expr& left, const Expr& right) {
  if (const auto* number = exact(right)) {
    const sym::Number inverse = sym::reciprocal(*number);
    // x/(-4) is -(x/4): the same value, and easier to read.
    if (inverse.numerator < 0 && exact(left) == nullptr) return -(left * make(sym::negate(inverse)));
    return left * make(inverse);
  }
  if (is_exactly(left, 0)) return left;
  if (has_sign(right)) return -(left / -right);
  // Dividing by x**n is what the factor x**-n means.
  const auto* power = get_if<sym::Power>(right);
  const auto* exponent = power != nullptr ? exact(power->exponent) : nullptr;
  if (exponent != nullptr && exponent->numerator > 0) {
    return left * Expr(sym::Node{sym::Power{power->base, make(sym::negate(*exponent))}});
  }
  return left * Expr(sym::Node{sym::Power{right, Expr(-1)}});
}

Expr& operator+=(Expr& left, const Expr& right) { return left = left + right; }
Expr& operator-=(Expr& left, const Expr& right) { return left = left - right; }
Expr& operator*=(Expr& left, const Expr& right) { return left = left * right; }
Expr& operator/=(Expr& left, const Expr& right) { return left = left / right; }

Expr sum(const std::vector<Expr>& terms) {
  SumBuilder builder(terms.size());
  for (const Expr& term : terms) builder.add(term);
  return std::move(builder).result();
}

Expr product(const std::vector<Expr>& factors) {
  Expr result(1);
  for (std::size_t i = 0; i < factors.size(); ++i) {
    if (const auto* start = get_if<sym::Product>(result)) {
      ProductBuilder builder(*start, factors.size() - i);
      for (; i < factors.size(); ++i) builder.multiply(factors[i]);
      return std::move(builder).result();
    }
    result = result * factors[i];
  }
  return result;
}

Expr pow(const Expr& base, const Expr& exponent) {
  const auto* n = exact(exponent);
  if (n != nullptr && sym::is_integer(*n)) {
    if (n->numerator == 0) return 1;
    if (n->numerator == 1) return base;
    if (const auto* number = exact(base)) return make(sym::power(*number, n->numerator));
  }
  if (is_exactly(base, 1)) return base;
  return Expr(sym::Node{sym::Power{base, exponent}});
}

}  // namespace cppstencils
