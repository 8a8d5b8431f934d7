#include "sym/operands.hpp"

#include "cppstencils/sym/random.hpp"

namespace cppstencils::sym {

namespace {

Expr connect_all(Connective connective, const std::vector<Expr>& arguments) {
  if (connective == Connective::logical_not) return !arguments.front();
  Expr result = arguments.front();
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    result = connective == Connective::logical_and ? result && arguments[i] : result || arguments[i];
  }
  return result;
}

}  // namespace

Expr with_operands(const Expr& expr, const std::vector<Expr>& operands) {
  bool same = true;
  std::size_t position = 0;
  for_each_operand_of(expr, [&](const Expr& old) { same = old.same_node(operands[position++]) && same; });
  if (same) return expr;
  return match(
      expr, [&](const Number&) { return expr; }, [&](const Float&) { return expr; },
      [&](const Boolean&) { return expr; }, [&](const SymbolAtom&) { return expr; },
      [&](const Access&) { return expr; }, [&](const Coordinate&) { return expr; },
      [&](const Sum&) { return sum(operands); }, [&](const Product&) { return product(operands); },
      [&](const Power&) { return pow(operands[0], operands[1]); },
      [&](const Call& call) { return cppstencils::call(call.function, operands); },
      [&](const Comparison& comparison) { return relation(comparison.relation, operands[0], operands[1]); },
      [&](const Logical& logical) { return connect_all(logical.connective, operands); },
      [&](const Select&) { return select(operands[0], operands[1], operands[2]); },
      [&](const Cast& cast) { return cppstencils::cast(cast.dtype, operands[0]); },
      [&](const RandomNumber& random) { return random_number(random.dtype, random.position, operands); });
}

}  // namespace cppstencils::sym
