#include "cppstencils/sym/calculus.hpp"
#include "sym/traverse.hpp"

namespace cppstencils {

Expr subs(const Expr& expr, const std::vector<Replacement>& replacements) {
  sym::ExprNumbering searched;
  std::vector<Expr> replaced_by;
  for (const auto& [from, to] : replacements) {
    // The first replacement of an expression counts.
    if (searched.number_of(from) == replaced_by.size()) replaced_by.push_back(to);
  }
  sym::NodeMap<Expr> results;
  const auto result_of = [&](const Expr& node) -> const Expr& {
    const Expr* result = results.find(node);
    return result != nullptr ? *result : node;
  };
  sym::visit_bottom_up(
      expr,
      [&](const Expr& node) {
        const std::size_t* number = searched.find(node);
        if (number != nullptr) results.set(node, replaced_by[*number]);
        return number == nullptr;
      },
      [&](const Expr& node) {
        std::vector<Expr> operands;
        sym::for_each_operand_of(node, [&](const Expr& operand) { operands.push_back(result_of(operand)); });
        Expr result = sym::with_operands(node, operands);
        if (!result.same_node(node)) results.set(node, std::move(result));
      });
  return result_of(expr);
}

}  // namespace cppstencils
