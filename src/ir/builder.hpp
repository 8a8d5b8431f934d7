#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cppstencils/ir/expr.hpp"

/// Checked constructors of IR expressions. Each throws InternalError when an operand has the wrong type.
namespace cppstencils::ir {

/// The double (rounded to the type) as a literal of a floating-point type.
Expr float_constant(DType type, double value);
/// An integer literal; the value must be inside the type's range.
Expr int_constant(DType type, std::int64_t value);
Expr uint64_constant(std::uint64_t value);
Expr bool_constant(bool value);
/// A literal from its bits.
Expr constant_from_bits(DType type, std::uint64_t bits);
inline Expr index_constant(std::int64_t value) { return int_constant(DType::int64, value); }

Expr variable(VarId id, DType type);
Expr scalar_parameter(ScalarId id, DType type);
Expr loop_index(int dimension);
Expr stride(BufferId buffer, int axis);
Expr load(BufferId buffer, DType type, std::vector<std::int64_t> offsets, std::vector<std::int64_t> index);
Expr element_load(BufferId buffer, DType type, Expr position);

/// negate and absolute take numbers, logical_not and rarely a boolean, square_root, floor and ceil floats.
Expr unary(UnaryOp op, Expr operand);
/// Arithmetic takes two numbers of one type, bit_and and bit_xor two integers, logical_and and logical_or two booleans.
Expr binary(BinaryOp op, Expr left, Expr right);
Expr fused_multiply_add(Expr a, Expr b, Expr c);
/// Two operands of one type; booleans only for equal and not_equal.
Expr compare(CompareOp op, Expr left, Expr right);
Expr select(Expr condition, Expr if_true, Expr if_false);
/// Floats of one type; two for atan2 and pow, else one.
Expr call(MathFunction function, std::vector<Expr> arguments);
/// Returns the operand itself when it has the type already.
Expr cast(DType type, Expr operand);
/// The bits of a float as an integer of its size, or the other way round. Returns the operand itself when it has the
/// type already.
Expr reinterpret(DType type, Expr operand);

/// Values of literals. The kind of number must fit the type.
double float_value(DType type, std::uint64_t bits);
std::int64_t int_value(DType type, std::uint64_t bits);
std::uint64_t bits_of_float(DType type, double value);
std::uint64_t bits_of_int(DType type, std::int64_t value);

/// The literal's bits when `expr` is a Constant.
std::optional<std::uint64_t> constant_bits(const Expr& expr);
bool is_constant(const Expr& expr);

}  // namespace cppstencils::ir
