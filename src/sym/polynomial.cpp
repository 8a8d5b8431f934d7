#include "sym/polynomial.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "sym/number.hpp"

namespace cppstencils::sym {

namespace {

constexpr std::size_t max_products = 10'000'000;

std::int64_t checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_add_overflow(a, b, &result)) fail_overflow(fmt::format("{} + {} of an exponent", a, b));
  return result;
}

std::int64_t checked_multiply(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result)) fail_overflow(fmt::format("{}*{} of an exponent", a, b));
  return result;
}

Monomial multiply(const Monomial& a, const Monomial& b) {
  Monomial result;
  result.reserve(a.size() + b.size());
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() || right != b.end()) {
    if (right == b.end() || (left != a.end() && left->first < right->first)) {
      result.push_back(*left++);
    } else if (left == a.end() || right->first < left->first) {
      result.push_back(*right++);
    } else {
      const std::int64_t exponent = checked_add(left->second, right->second);
      if (exponent != 0) result.emplace_back(left->first, exponent);
      ++left;
      ++right;
    }
  }
  return result;
}

}  // namespace

void TermCollector::add(const Monomial& monomial, const Number& coefficient) {
  const auto [place, is_new] = places_.emplace(monomial, terms_.size());
  if (is_new) {
    terms_.push_back({monomial, coefficient});
  } else {
    Number& total = terms_[place->second].coefficient;
    total = sym::add(total, coefficient);
  }
}

Polynomial TermCollector::result() && {
  std::erase_if(terms_, [](const Term& term) { return term.coefficient.numerator == 0; });
  return std::move(terms_);
}

Polynomial constant(const Number& number) {
  if (number.numerator == 0) return {};
  return {{{}, number}};
}

Polynomial multiply(const Polynomial& a, const Polynomial& b) {
  if (!b.empty() && a.size() > max_products / b.size()) {
    throw ExpressionError(
        {.code = ErrorCode::invalid_expression,
         .message = fmt::format("Multiplying out {} terms with {} terms takes too much time.", a.size(), b.size()),
         .hints = {"Name parts of the expression by symbols, or leave it as it is."}});
  }
  TermCollector terms;
  for (const Term& left : a) {
    for (const Term& right : b) {
      terms.add(multiply(left.monomial, right.monomial), sym::multiply(left.coefficient, right.coefficient));
    }
  }
  return std::move(terms).result();
}

Polynomial power(const Polynomial& base, std::int64_t exponent) {
  if (base.size() == 1) {
    Term term{{}, sym::power(base.front().coefficient, exponent)};
    if (exponent == 0) return {term};
    for (const auto& [number, inner] : base.front().monomial) {
      term.monomial.emplace_back(number, checked_multiply(inner, exponent));
    }
    return {term};
  }
  CPPSTENCILS_CHECK(exponent >= 0, "Only a single term has negative powers.");
  Polynomial result = constant({1, 1});
  if (base.empty()) return exponent == 0 ? result : base;
  for (std::int64_t i = 0; i < exponent; ++i) result = multiply(result, base);
  return result;
}

Expr to_expr(const Polynomial& polynomial, const ExprNumbering& bases) {
  std::vector<Expr> terms;
  for (const auto& [monomial, coefficient] : polynomial) {
    Monomial factors = monomial;
    // An order that depends on nothing but the term, so that a second expansion changes nothing.
    std::sort(factors.begin(), factors.end(), [&](const auto& a, const auto& b) {
      if ((a.second > 0) != (b.second > 0)) return a.second > 0;
      return compare(bases[a.first], bases[b.first]) < 0;
    });
    std::vector<Expr> product_factors{make(coefficient)};
    for (const auto& [number, exponent] : factors) product_factors.push_back(pow(bases[number], exponent));
    terms.push_back(product(product_factors));
  }
  return sum(terms);
}

}  // namespace cppstencils::sym
