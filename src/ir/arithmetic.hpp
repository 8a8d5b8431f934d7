#pragma once

#include <cstdint>

#include "cppstencils/ir/expr.hpp"

/// The operators of the IR, executed: the semantics of `cppstencils/ir/expr.hpp` on the bits of values.
/// Constant folding and the interpreter share it, and every back end is tested against it. Values are zero-extended
/// to 64 bits, as in `Constant`. float32 is computed in float and float64 in double; no function of the C library is
/// used that does not round correctly.
namespace cppstencils::ir {

std::uint64_t evaluate(UnaryOp op, DType type, std::uint64_t operand);
std::uint64_t evaluate(BinaryOp op, DType type, std::uint64_t left, std::uint64_t right);
/// `type` is that of the operands; the result is a boolean.
std::uint64_t evaluate(CompareOp op, DType type, std::uint64_t left, std::uint64_t right);
std::uint64_t evaluate_fused_multiply_add(DType type, std::uint64_t a, std::uint64_t b, std::uint64_t c);
std::uint64_t evaluate_cast(DType to, DType from, std::uint64_t operand);

}  // namespace cppstencils::ir
