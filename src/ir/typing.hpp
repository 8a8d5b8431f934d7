#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "cppstencils/ir/expr.hpp"

namespace cppstencils::ir {

/// Expr refuses more levels. The front end refuses far less; passes may deepen what it accepts.
inline constexpr std::uint32_t max_expr_depth = 10'000;

/// What is wrong with the types of a node and its operands, as one sentence; empty when they fit.
/// The rules are those of `ir/builder.hpp`.
std::optional<std::string> typing_fault(const NodeKind& kind, DType type);

/// Number of operands of a math function.
std::size_t argument_count(MathFunction function);

}  // namespace cppstencils::ir
