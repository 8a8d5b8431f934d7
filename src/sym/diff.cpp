#include <unordered_map>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "cppstencils/sym/calculus.hpp"
#include "sym/operands.hpp"
#include "sym/rewrite.hpp"

namespace cppstencils {

namespace {

using sym::is_exactly;

class Derivative {
 public:
  explicit Derivative(const Expr& variable) : variable_(variable) {}

  Expr operator()(const Expr& expr) {
    if (const Expr* known = memo_.find(expr)) return *known;
    return memo_.store(expr, derive(expr));
  }

 private:
  Expr derive(const Expr& expr) {
    if (expr == variable_) return 1;
    return match(
        expr, [](const sym::Number&) { return Expr(0); }, [](const sym::Float&) { return Expr(0); },
        [](const sym::Boolean&) { return Expr(0); }, [](const sym::SymbolAtom&) { return Expr(0); },
        [](const sym::Access&) { return Expr(0); }, [](const sym::Coordinate&) { return Expr(0); },
        [&](const sym::Sum& sum) { return of_sum(sum); },
        [&](const sym::Product& product) { return of_product(product); },
        [&](const sym::Power& power) { return of_power(expr, power); },
        [&](const sym::Call& call) { return of_call(expr, call); },
        [&](const sym::Comparison&) { return of_truth(expr); }, [&](const sym::Logical&) { return of_truth(expr); },
        [&](const sym::Select& value) {
          const Expr if_true = (*this)(value.if_true);
          const Expr if_false = (*this)(value.if_false);
          return if_true == if_false ? if_true : select(value.condition, if_true, if_false);
        },
        [&](const sym::Cast& value) {
          const Expr inner = (*this)(value.argument);
          if (is_exactly(inner, 0)) return inner;
          if (!is_float(value.dtype)) fail(expr);
          return cast(value.dtype, inner);
        });
  }

  Expr of_sum(const sym::Sum& value) {
    std::vector<Expr> terms;
    for (const Expr& term : value.terms) terms.push_back((*this)(term));
    return sum(terms);
  }

  Expr of_product(const sym::Product& value) {
    std::vector<Expr> terms;
    for (std::size_t i = 0; i < value.factors.size(); ++i) {
      const Expr inner = (*this)(value.factors[i]);
      if (is_exactly(inner, 0)) continue;
      std::vector<Expr> factors = value.factors;
      factors[i] = inner;
      terms.push_back(product(factors));
    }
    return sum(terms);
  }

  Expr of_power(const Expr& expr, const sym::Power& power) {
    const Expr base = (*this)(power.base);
    const Expr exponent = (*this)(power.exponent);
    if (is_exactly(exponent, 0)) {
      return is_exactly(base, 0) ? Expr(0) : power.exponent * pow(power.base, power.exponent - 1) * base;
    }
    return expr * (exponent * log(power.base) + power.exponent * base / power.base);
  }

  Expr of_call(const Expr& expr, const sym::Call& call) {
    std::vector<Expr> inner;
    bool constant = true;
    for (const Expr& argument : call.arguments) {
      inner.push_back((*this)(argument));
      constant = constant && is_exactly(inner.back(), 0);
    }
    if (constant) return 0;
    const Expr& x = call.arguments.front();
    const Expr& dx = inner.front();
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
        const Expr& other = call.arguments[1];
        return (other * dx - x * inner[1]) / (pow(x, 2) + pow(other, 2));
      }
      case Function::abs:
        return select(x < 0, -dx, dx);
      case Function::floor:
      case Function::ceil:
        fail(expr);
      case Function::min:
      case Function::max:
        return of_extreme(call, inner);
    }
    return 0;
  }

  // min(a, b, c) is min(min(a, b), c); its derivative is that of the smaller one.
  static Expr of_extreme(const sym::Call& call, const std::vector<Expr>& inner) {
    const Relation better = call.function == Function::min ? Relation::less : Relation::greater;
    Expr value = call.arguments.front();
    Expr derivative = inner.front();
    for (std::size_t i = 1; i < call.arguments.size(); ++i) {
      derivative = select(relation(better, value, call.arguments[i]), derivative, inner[i]);
      value = cppstencils::call(call.function, {value, call.arguments[i]});
    }
    return derivative;
  }

  Expr of_truth(const Expr& expr) {
    for (const Expr& operand : sym::operands(expr)) {
      if (!is_exactly((*this)(operand), 0)) fail(expr);
    }
    return 0;
  }

  [[noreturn]] void fail(const Expr& expr) const {
    throw ExpressionError(
        {.code = ErrorCode::invalid_expression,
         .message = fmt::format("'{}' has no derivative with respect to '{}'.", to_string(expr), to_string(variable_)),
         .hints = {"Truth values, floor, ceil and integers jump; treat them as constants with a symbol "
                   "of their own."}});
  }

  Expr variable_;
  sym::NodeMemo memo_;
};

}  // namespace

Expr diff(const Expr& expr, const Expr& variable) {
  if (get_if<sym::SymbolAtom>(variable) == nullptr && get_if<sym::Access>(variable) == nullptr) {
    throw ExpressionError({.code = ErrorCode::invalid_expression,
                           .message = fmt::format("'{}' is no variable to differentiate by.", to_string(variable)),
                           .hints = {"Differentiate with respect to a symbol or a field access."}});
  }
  return Derivative(variable)(expr);
}

}  // namespace cppstencils
