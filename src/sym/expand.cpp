#include <algorithm>
#include <map>
#include <utility>

#include "cppstencils/sym/calculus.hpp"
#include "sym/operands.hpp"
#include "sym/rewrite.hpp"

namespace cppstencils {

namespace {

using sym::exact;

// A product of powers, in the order in which its factors appeared.
using Monomial = std::vector<std::pair<Expr, std::int64_t>>;

struct Term {
  sym::Number coefficient;
  Monomial monomial;
};

Monomial multiply(const Monomial& left, const Monomial& right) {
  Monomial result = left;
  for (const auto& [base, exponent] : right) {
    const auto same =
        std::find_if(result.begin(), result.end(), [&](const auto& factor) { return factor.first == base; });
    if (same == result.end()) {
      result.emplace_back(base, exponent);
    } else {
      same->second += exponent;
      if (same->second == 0) result.erase(same);
    }
  }
  return result;
}

// Compares monomials without regard to the order of their factors: both are sorted.
struct MonomialLess {
  bool operator()(const Monomial& a, const Monomial& b) const {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
      const std::strong_ordering order = compare(x.first, y.first);
      return order == 0 ? x.second < y.second : order < 0;
    });
  }
};

Monomial sorted(Monomial monomial) {
  std::sort(monomial.begin(), monomial.end(),
            [](const auto& a, const auto& b) { return compare(a.first, b.first) < 0; });
  return monomial;
}

// A sum of terms; like terms are collected where the first of them stood.
class Polynomial {
 public:
  void add(Term term) {
    const auto [place, is_new] = places_.emplace(sorted(term.monomial), terms_.size());
    if (is_new) {
      terms_.push_back(std::move(term));
    } else {
      sym::Number& coefficient = terms_[place->second].coefficient;
      coefficient = sym::add(coefficient, term.coefficient);
    }
  }
  const std::vector<Term>& terms() const { return terms_; }

  friend Polynomial operator*(const Polynomial& left, const Polynomial& right) {
    Polynomial result;
    for (const Term& a : left.terms_) {
      for (const Term& b : right.terms_) {
        result.add({sym::multiply(a.coefficient, b.coefficient), multiply(a.monomial, b.monomial)});
      }
    }
    return result;
  }

  Expr to_expr() const {
    std::vector<Expr> terms;
    for (const Term& term : terms_) {
      if (term.coefficient.numerator == 0) continue;
      std::vector<Expr> factors{Expr(sym::Node{term.coefficient})};
      for (const auto& [base, exponent] : term.monomial) factors.push_back(pow(base, exponent));
      terms.push_back(product(factors));
    }
    return sum(terms);
  }

 private:
  std::vector<Term> terms_;
  std::map<Monomial, std::size_t, MonomialLess> places_;
};

class Expansion {
 public:
  Expr operator()(const Expr& expr) {
    if (const Expr* known = memo_.find(expr)) return *known;
    return memo_.store(expr, polynomial(expr).to_expr());
  }

 private:
  Polynomial polynomial(const Expr& expr) {
    if (const auto* number = exact(expr)) return constant(*number);
    if (const auto* sum = get_if<sym::Sum>(expr)) {
      Polynomial result;
      for (const Expr& term : sum->terms) {
        for (const Term& part : polynomial(term).terms()) result.add(part);
      }
      return result;
    }
    if (const auto* product = get_if<sym::Product>(expr)) {
      Polynomial result = constant({1, 1});
      for (const Expr& factor : product->factors) result = result * polynomial(factor);
      return result;
    }
    if (const auto* power = get_if<sym::Power>(expr)) return of_power(*power);
    return atom(of_operands(expr), 1);
  }

  Polynomial of_power(const sym::Power& power) {
    const auto* exponent = exact(power.exponent);
    if (exponent == nullptr || exponent->denominator != 1) {
      return atom(pow((*this)(power.base), (*this)(power.exponent)), 1);
    }
    const Polynomial base = polynomial(power.base);
    std::int64_t n = exponent->numerator;
    const bool single_term = base.terms().size() == 1 && base.terms().front().coefficient.numerator != 0;
    if (single_term) {
      Term term = base.terms().front();
      term.coefficient = sym::power(term.coefficient, n);
      for (auto& [factor, factor_exponent] : term.monomial) factor_exponent *= n;
      Polynomial result;
      result.add(std::move(term));
      return result;
    }
    if (n < 0) return atom(base.to_expr(), n);
    Polynomial result = constant({1, 1});
    Polynomial square = base;
    for (; n > 0; n /= 2) {
      if (n % 2 == 1) result = result * square;
      if (n > 1) square = square * square;
    }
    return result;
  }

  Expr of_operands(const Expr& expr) {
    std::vector<Expr> operands = sym::operands(expr);
    for (Expr& operand : operands) operand = (*this)(operand);
    return sym::with_operands(expr, operands);
  }

  static Polynomial constant(const sym::Number& number) {
    Polynomial result;
    result.add({number, {}});
    return result;
  }

  static Polynomial atom(const Expr& expr, std::int64_t exponent) {
    if (const auto* number = exact(expr)) return constant(sym::power(*number, exponent));
    Polynomial result;
    result.add({{1, 1}, {{expr, exponent}}});
    return result;
  }

  sym::NodeMemo memo_;
};

}  // namespace

Expr expand(const Expr& expr) { return Expansion()(expr); }

}  // namespace cppstencils
