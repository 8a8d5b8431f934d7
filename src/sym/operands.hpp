#pragma once

#include <type_traits>
#include <vector>

#include "cppstencils/sym/expr.hpp"

namespace cppstencils::sym {

template <class Kind, class... Kinds>
inline constexpr bool is_one_of = (std::is_same_v<Kind, Kinds> || ...);

/// Calls `visit` for every operand of a node kind in order; operands are mutable if `kind` is.
/// The one list of the operands of every kind.
template <class Kind, class F>
void for_each_operand(Kind& kind, F&& visit) {
  using Plain = std::remove_const_t<Kind>;
  if constexpr (is_one_of<Plain, Sum>) {
    for (auto& term : kind.terms) visit(term);
  } else if constexpr (is_one_of<Plain, Product>) {
    for (auto& factor : kind.factors) visit(factor);
  } else if constexpr (is_one_of<Plain, Power>) {
    visit(kind.base);
    visit(kind.exponent);
  } else if constexpr (is_one_of<Plain, Call, Logical, RandomNumber>) {
    for (auto& argument : kind.arguments) visit(argument);
  } else if constexpr (is_one_of<Plain, Comparison>) {
    visit(kind.left);
    visit(kind.right);
  } else if constexpr (is_one_of<Plain, Select>) {
    visit(kind.condition);
    visit(kind.if_true);
    visit(kind.if_false);
  } else if constexpr (is_one_of<Plain, Cast>) {
    visit(kind.argument);
  } else {
    static_assert(is_one_of<Plain, Number, Float, Boolean, SymbolAtom, Access, Coordinate>,
                  "for_each_operand(): a node kind has no entry");
  }
}

/// Calls `visit` for every operand of the expression in order.
template <class F>
void for_each_operand_of(const Expr& expr, F&& visit) {
  std::visit([&](const auto& kind) { for_each_operand(kind, visit); }, expr.node().kind);
}

/// An expression of the same kind over other operands, built by the public functions, so that their rules apply.
/// `expr` itself if all operands are the same nodes.
Expr with_operands(const Expr& expr, const std::vector<Expr>& operands);

}  // namespace cppstencils::sym
