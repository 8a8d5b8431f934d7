#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cppstencils/ir/kernel.hpp"

/// What the printer and the parser of the text form share.
///
///   kernel smooth(rank 2, strict, independent) {
///     buffer u: float64, rank 2, read
///     buffer v: float64, rank 2, index (3), write
///     scalar h: float64
///     reduction w: float64, maximum
///     loop i0 step 1 {
///       loop i1 step 1 {
///         let sum.0: float64 = u[1,0] + u[-1,0]
///         reduce w = u[0,0]
///         store v[0,0](2) = $h * sum.0 - 0.5
///       }
///     }
///   }
///
/// * Buffers, scalars and variables are numbered in order of their lines, variables by the number after the dot.
///   Variables without a `let` have lines `variable name.4: float64`. A buffer, reduction or scalar whose name is not
///   unique is referred to by its number: `%1[0,0]`, `$2`.
/// * `u[1,0](2)` is an element relative to the cell, `u@(position)` one relative to the base pointer.
/// * `0.5` is float64, `3` is int64; other literals carry their type: `0.5f32`, `3i16`, `7u64`. `inf`, `inf_f32`;
///   NaNs are `float64_bits(0x7ff8000000000000)`.
/// * `float32(x)` is a conversion, `bits_as_int32(x)` a reinterpretation; `stride(u, 1)` and `i0` are what they say;
///   other functions have the names of their enumerators. Operators bind as in C, comparisons do not chain.
/// * Large statements have lines `where @0 = ...` before them, which name sub-expressions for that statement.
/// * `#` starts a comment; line ends are only spaces.
namespace cppstencils::ir {

enum class Precedence : int { logical_or, logical_and, compare, sum, product, prefix, primary };

struct InfixText {
  std::string_view symbol;
  Precedence precedence;
};
/// How a binary operator is written between its operands; empty if it is written as a function.
std::optional<InfixText> infix_text(BinaryOp op);
/// How a comparison is written between its operands.
std::string_view infix_text(CompareOp op);

/// The name of the function that reinterprets its operand, such as "bits_as_int32".
std::string reinterpret_text(DType type);

/// The suffix of a literal of the type, such as "f32"; empty for float64, int64 and bool.
std::string_view literal_suffix(DType type);

}  // namespace cppstencils::ir
