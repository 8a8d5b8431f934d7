#pragma once

#include <array>

#include "cppstencils/ir/expr.hpp"

/// Philox 4x32-10 as arithmetic of the IR (Salmon, Moraes, Dror and Shaw, SC 2011).
namespace cppstencils::ir::functions {

/// Four words of 32 bits, each in a uint64 whose upper half is zero.
using PhiloxWords = std::array<Expr, 4>;

PhiloxWords philox(PhiloxWords counter, std::array<Expr, 2> key);

/// The float32 next to word * 2^-32, plus 2^-33, at most 1 - 2^-24: strictly between 0 and 1.
Expr uniform_float32(const Expr& word);
/// n * 2^-53 + 2^-54 rounded once, at most 1 - 2^-53, with the 53 bits n = first ^ (second << 21): strictly between 0
/// and 1.
Expr uniform_float64(const Expr& first, const Expr& second);

}  // namespace cppstencils::ir::functions
