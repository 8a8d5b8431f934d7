#pragma once

#include <type_traits>

#include "cppstencils/ir/expr.hpp"

namespace cppstencils::ir {

template <class Kind, class... Kinds>
inline constexpr bool is_one_of = (std::is_same_v<Kind, Kinds> || ...);

/// Calls `visit` for every operand of a node kind in order; operands are mutable if `kind` is.
/// The one list of the operands of every kind.
template <class Kind, class F>
void for_each_operand(Kind& kind, F&& visit) {
  using Plain = std::remove_const_t<Kind>;
  if constexpr (is_one_of<Plain, ElementLoad>) {
    visit(kind.position);
  } else if constexpr (is_one_of<Plain, Unary, Cast, Reinterpret>) {
    visit(kind.operand);
  } else if constexpr (is_one_of<Plain, Binary, Compare>) {
    visit(kind.left);
    visit(kind.right);
  } else if constexpr (is_one_of<Plain, FusedMultiplyAdd>) {
    visit(kind.a);
    visit(kind.b);
    visit(kind.c);
  } else if constexpr (is_one_of<Plain, Select>) {
    visit(kind.condition);
    visit(kind.if_true);
    visit(kind.if_false);
  } else if constexpr (is_one_of<Plain, Call>) {
    for (auto& argument : kind.arguments) visit(argument);
  } else {
    static_assert(is_one_of<Plain, Constant, Variable, ScalarParameter, LoopIndex, Stride, Load>,
                  "for_each_operand(): a node kind has no entry");
  }
}

/// Calls `visit` for every operand of the node.
template <class F>
void for_each_operand_of(const Expr& expr, F&& visit) {
  std::visit([&](const auto& kind) { for_each_operand(kind, visit); }, expr.node().kind);
}

}  // namespace cppstencils::ir
