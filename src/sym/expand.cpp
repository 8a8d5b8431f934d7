#include <memory>

#include "cppstencils/sym/calculus.hpp"
#include "sym/number.hpp"
#include "sym/polynomial.hpp"
#include "sym/traverse.hpp"

namespace cppstencils {

namespace {

using sym::Polynomial;

/// Expands every node below a root to a polynomial in those parts that cannot be expanded: symbols, accesses, calls,
/// negative powers of sums and so on.
class Expansion {
 public:
  Expr operator()(const Expr& expr) { return sym::to_expr(polynomial_below(expr), bases_); }

 private:
  using Results = sym::NodeMap<std::shared_ptr<const Polynomial>>;

  Polynomial polynomial_below(const Expr& root) {
    Results results;
    sym::visit_bottom_up(
        root, [](const Expr&) { return true; },
        [&](const Expr& node) { results.set(node, std::make_shared<const Polynomial>(polynomial(node, results))); });
    return **results.find(root);
  }

  Polynomial polynomial(const Expr& expr, const Results& results) {
    const auto of = [&](const Expr& operand) -> const Polynomial& { return **results.find(operand); };
    if (const auto* number = sym::exact(expr)) return sym::constant(*number);
    if (const auto* number = get_if<sym::Float>(expr)) {
      // Of 2.0 and -2.0, the positive one is the base, so that 2.0*x - 2.0*x is 0.
      if (number->value < 0) return {{{{bases_.number_of(-expr), 1}}, {-1, 1}}};
      return base(expr, 1);
    }
    if (const auto* sum = get_if<sym::Sum>(expr)) {
      sym::TermCollector terms;
      for (const Expr& term : sum->terms) terms.add(of(term));
      return std::move(terms).result();
    }
    if (const auto* product = get_if<sym::Product>(expr)) {
      Polynomial result = sym::constant({1, 1});
      for (const Expr& factor : product->factors) result = sym::multiply(result, of(factor));
      return result;
    }
    if (const auto* power = get_if<sym::Power>(expr)) {
      return of_power(of(power->base), sym::to_expr(of(power->exponent), bases_));
    }
    std::vector<Expr> operands;
    sym::for_each_operand_of(expr, [&](const Expr& operand) { operands.push_back(sym::to_expr(of(operand), bases_)); });
    if (operands.empty()) return base(expr, 1);
    const Expr rebuilt = sym::with_operands(expr, operands);
    // With simpler operands a call or a selection may have become a sum.
    const bool same_kind = rebuilt.node().kind.index() == expr.node().kind.index();
    return same_kind ? base(rebuilt, 1) : polynomial_below(rebuilt);
  }

  Polynomial of_power(const Polynomial& polynomial, const Expr& exponent) {
    const auto* number = sym::exact(exponent);
    if (number == nullptr || !sym::is_integer(*number)) {
      const Expr power = pow(sym::to_expr(polynomial, bases_), exponent);
      return sym::exact(power) != nullptr ? sym::constant(*sym::exact(power)) : base(power, 1);
    }
    if (number->numerator < 0 && polynomial.empty()) sym::power({0, 1}, number->numerator);  // throws
    if (number->numerator < 0 && polynomial.size() > 1) {
      return base(sym::to_expr(polynomial, bases_), number->numerator);
    }
    return sym::power(polynomial, number->numerator);
  }

  Polynomial base(const Expr& expr, std::int64_t exponent) { return {{{{bases_.number_of(expr), exponent}}, {1, 1}}}; }

  sym::ExprNumbering bases_;
};

}  // namespace

Expr expand(const Expr& expr) { return Expansion()(expr); }

}  // namespace cppstencils
