#include "sym/operands.hpp"

namespace cppstencils::sym {

std::vector<Expr> operands(const Expr& expr) {
  using List = std::vector<Expr>;
  return match(
      expr, [](const Number&) { return List{}; }, [](const Float&) { return List{}; },
      [](const Boolean&) { return List{}; }, [](const SymbolAtom&) { return List{}; },
      [](const Access&) { return List{}; }, [](const Coordinate&) { return List{}; },
      [](const Sum& sum) { return sum.terms; }, [](const Product& product) { return product.factors; },
      [](const Power& power) {
        return List{power.base, power.exponent};
      },
      [](const Call& call) { return call.arguments; },
      [](const Comparison& comparison) {
        return List{comparison.left, comparison.right};
      },
      [](const Logical& logical) { return logical.arguments; },
      [](const Select& select) {
        return List{select.condition, select.if_true, select.if_false};
      },
      [](const Cast& cast) { return List{cast.argument}; });
}

Expr with_operands(const Expr& expr, const std::vector<Expr>& operands) {
  const std::vector<Expr> old = sym::operands(expr);
  bool same = true;
  for (std::size_t i = 0; i < old.size(); ++i) same = same && old[i].same_node(operands[i]);
  if (same) return expr;
  const auto leaf = [&] { return expr; };
  return match(
      expr, [&](const Number&) { return leaf(); }, [&](const Float&) { return leaf(); },
      [&](const Boolean&) { return leaf(); }, [&](const SymbolAtom&) { return leaf(); },
      [&](const Access&) { return leaf(); }, [&](const Coordinate&) { return leaf(); },
      [&](const Sum&) { return sum(operands); }, [&](const Product&) { return product(operands); },
      [&](const Power&) { return pow(operands[0], operands[1]); },
      [&](const Call& call) { return cppstencils::call(call.function, operands); },
      [&](const Comparison& comparison) { return relation(comparison.relation, operands[0], operands[1]); },
      [&](const Logical& logical) {
        Expr result = operands[0];
        switch (logical.connective) {
          case Connective::logical_not:
            return !result;
          case Connective::logical_and:
            for (std::size_t i = 1; i < operands.size(); ++i) result = result && operands[i];
            return result;
          case Connective::logical_or:
            for (std::size_t i = 1; i < operands.size(); ++i) result = result || operands[i];
            return result;
        }
        return result;
      },
      [&](const Select&) { return select(operands[0], operands[1], operands[2]); },
      [&](const Cast& cast) { return cppstencils::cast(cast.dtype, operands[0]); });
}

}  // namespace cppstencils::sym
