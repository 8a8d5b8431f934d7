#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "cppstencils/sym/calculus.hpp"
#include "sym/number.hpp"
#include "sym/to_string.hpp"
#include "sym/traverse.hpp"

namespace cppstencils {

namespace {

using sym::is_exactly;
using sym::short_text;

class Derivative {
 public:
  explicit Derivative(const Expr& variable) : variable_(variable) {}

  Expr operator()(const Expr& expr) {
    find_dependent(expr);
    sym::visit_bottom_up(
        expr, [&](const Expr& node) { return depends(node) && !is_truth(node); },
        [&](const Expr& node) { derivatives_.set(node, derive(node)); });
    return of(expr);
  }

 private:
  static bool is_truth(const Expr& expr) {
    return get_if<sym::Comparison>(expr) != nullptr || get_if<sym::Logical>(expr) != nullptr;
  }

  void find_dependent(const Expr& expr) {
    sym::visit_bottom_up(
        expr, [](const Expr&) { return true; },
        [&](const Expr& node) {
          bool dependent = node == variable_;
          sym::for_each_operand_of(node, [&](const Expr& operand) { dependent = dependent || depends(operand); });
          if (dependent) dependent_.insert(&node.node());
        });
  }

  bool depends(const Expr& expr) const { return dependent_.contains(&expr.node()); }

  // The derivative of a node that is done, or that does not depend on the variable.
  Expr of(const Expr& expr) const {
    if (!depends(expr)) return 0;
    const Expr* derivative = derivatives_.find(expr);
    if (derivative == nullptr) fail(expr);
    return *derivative;
  }

  Expr derive(const Expr& expr) const {
    const auto leaf = [] { return Expr(1); };  // only the variable itself depends on it
    return match(
        expr, [&](const sym::Number&) { return leaf(); }, [&](const sym::Float&) { return leaf(); },
        [&](const sym::Boolean&) { return leaf(); }, [&](const sym::SymbolAtom&) { return leaf(); },
        [&](const sym::Access&) { return leaf(); }, [&](const sym::Coordinate&) { return leaf(); },
        [&](const sym::Sum& sum) { return of_sum(sum); },
        [&](const sym::Product& product) { return of_product(product); },
        [&](const sym::Power& power) { return of_power(expr, power); },
        [&](const sym::Call& call) { return of_call(expr, call); }, [&](const sym::Comparison&) -> Expr { fail(expr); },
        [&](const sym::Logical&) -> Expr { fail(expr); },
        [&](const sym::Select& value) {
          const Expr if_true = of(value.if_true);
          const Expr if_false = of(value.if_false);
          return if_true == if_false ? if_true : select(value.condition, if_true, if_false);
        },
        [&](const sym::Cast& value) {
          const Expr inner = of(value.argument);
          if (!is_float(value.dtype)) fail(expr);
          return sym::exact(inner) != nullptr ? inner : cast(value.dtype, inner);
        },
        [&](const sym::RandomNumber&) -> Expr { fail(expr); });
  }

  Expr of_sum(const sym::Sum& value) const {
    std::vector<Expr> terms;
    for (const Expr& term : value.terms) {
      if (depends(term)) terms.push_back(of(term));
    }
    return sum(terms);
  }

  Expr of_product(const sym::Product& value) const {
    std::vector<Expr> terms;
    for (std::size_t i = 0; i < value.factors.size(); ++i) {
      if (!depends(value.factors[i])) continue;
      std::vector<Expr> factors = value.factors;
      factors[i] = of(value.factors[i]);
      terms.push_back(product(factors));
    }
    return sum(terms);
  }

  Expr of_power(const Expr& expr, const sym::Power& power) const {
    const auto& [base, exponent] = power;
    if (!depends(exponent)) return exponent * pow(base, exponent - 1) * of(base);
    if (!depends(base)) return expr * log(base) * of(exponent);
    return expr * (of(exponent) * log(base) + exponent * of(base) / base);
  }

  Expr of_call(const Expr& expr, const sym::Call& call) const {
    const Expr& x = call.arguments.front();
    const Expr dx = of(x);
    switch (call.function) {
      case Function::sqrt:
        return dx / (2 * expr);
      case Function::exp:
        return expr * dx;
      case Function::log:
        return dx / x;
      case Function::sin:
        return cos(x) * dx;
      case Function::cos:
        return -(sin(x) * dx);
      case Function::tan:
        return (1 + pow(expr, 2)) * dx;
      case Function::sinh:
        return cosh(x) * dx;
      case Function::cosh:
        return sinh(x) * dx;
      case Function::tanh:
        return (1 - pow(expr, 2)) * dx;
      case Function::asin:
        return dx / sqrt(1 - pow(x, 2));
      case Function::acos:
        return -(dx / sqrt(1 - pow(x, 2)));
      case Function::atan:
        return dx / (1 + pow(x, 2));
      case Function::atan2: {
        const Expr& y = call.arguments[1];
        return (y * dx - x * of(y)) / (pow(x, 2) + pow(y, 2));
      }
      case Function::abs:
        return select(x < 0, -1, 1) * dx;
      case Function::floor:
      case Function::ceil:
        fail(expr);
      case Function::min:
      case Function::max:
        return of_extreme(call);
    }
    return 0;
  }

  // min(a, b, c) is min(min(a, b), c); its derivative is that of the smaller one.
  Expr of_extreme(const sym::Call& call) const {
    const Relation better = call.function == Function::min ? Relation::less : Relation::greater;
    Expr value = call.arguments.front();
    Expr derivative = of(value);
    for (std::size_t i = 1; i < call.arguments.size(); ++i) {
      const Expr& next = call.arguments[i];
      derivative = select(relation(better, value, next), derivative, of(next));
      value = cppstencils::call(call.function, {value, next});
    }
    return derivative;
  }

  [[noreturn]] void fail(const Expr& expr) const {
    throw ExpressionError(
        {.code = ErrorCode::invalid_expression,
         .message =
             fmt::format("'{}' has no derivative with respect to '{}'.", short_text(expr), short_text(variable_)),
         .hints = {"Truth values, floor, ceil and integers jump; treat them as constants with a symbol "
                   "of their own."}});
  }

  Expr variable_;
  std::unordered_set<const sym::Node*> dependent_;
  sym::NodeMap<Expr> derivatives_;
};

}  // namespace

Expr diff(const Expr& expr, const Expr& variable) {
  if (get_if<sym::SymbolAtom>(variable) == nullptr && get_if<sym::Access>(variable) == nullptr) {
    throw ExpressionError({.code = ErrorCode::invalid_expression,
                           .message = fmt::format("'{}' is no variable to differentiate by.", short_text(variable)),
                           .hints = {"Differentiate with respect to a symbol or a field access."}});
  }
  return Derivative(variable)(expr);
}

}  // namespace cppstencils
