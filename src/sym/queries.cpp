#include "cppstencils/sym/calculus.hpp"
#include "sym/traverse.hpp"

namespace cppstencils {

namespace {

// The distinct leaves of one kind. Leaves are visited from left to right.
template <class Kind>
std::vector<Expr> collect(const Expr& expr) {
  sym::ExprNumbering leaves;
  sym::visit_bottom_up(
      expr, [](const Expr&) { return true; },
      [&](const Expr& node) {
        if (get_if<Kind>(node) != nullptr) leaves.number_of(node);
      });
  return leaves.exprs();
}

}  // namespace

std::vector<Expr> free_symbols(const Expr& expr) { return collect<sym::SymbolAtom>(expr); }
std::vector<Expr> field_accesses(const Expr& expr) { return collect<sym::Access>(expr); }

}  // namespace cppstencils
