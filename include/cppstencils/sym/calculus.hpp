#pragma once

#include <utility>
#include <vector>

#include "cppstencils/sym/expr.hpp"

namespace cppstencils {

/// The derivative of `expr` with respect to `variable`, a symbol or a field access; everything else is constant.
/// Throws ExpressionError for another kind of variable, and where no derivative exists (floor, ceil, comparisons
/// of the variable outside a select condition).
CPPSTENCILS_EXPORT Expr diff(const Expr& expr, const Expr& variable);

/// One replacement of `subs`.
using Replacement = std::pair<Expr, Expr>;

/// Replaces every occurrence of each `first` by its `second`, all at once: what is put in is not searched again.
/// Returns the same node where nothing occurs.
CPPSTENCILS_EXPORT Expr subs(const Expr& expr, const std::vector<Replacement>& replacements);

/// Multiplies out products and integer powers of sums and collects like terms, in order of first appearance. In a term
/// the exact coefficient comes first, then the factors in structural order. Expands the operands of functions, too.
/// This changes the order of floating-point operations: it is mathematics, asked for by name. Throws ExpressionError
/// where a coefficient leaves 64 bits (number-overflow) or the result would be enormous (invalid-expression).
CPPSTENCILS_EXPORT Expr expand(const Expr& expr);

/// Symbols in order of first appearance.
CPPSTENCILS_EXPORT std::vector<Expr> free_symbols(const Expr& expr);
/// Field accesses in order of first appearance.
CPPSTENCILS_EXPORT std::vector<Expr> field_accesses(const Expr& expr);

}  // namespace cppstencils
