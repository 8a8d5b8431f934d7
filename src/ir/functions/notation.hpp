#pragma once

#include <initializer_list>
#include <limits>

#include "ir/builder.hpp"

/// What makes the arithmetic of the math functions readable: infix operators on IR expressions, and the usual steps of
/// double-length arithmetic. Only for the files of this folder.
namespace cppstencils::ir::functions {

inline Expr operator+(const Expr& a, const Expr& b) { return binary(BinaryOp::add, a, b); }
inline Expr operator-(const Expr& a, const Expr& b) { return binary(BinaryOp::subtract, a, b); }
inline Expr operator*(const Expr& a, const Expr& b) { return binary(BinaryOp::multiply, a, b); }
inline Expr operator/(const Expr& a, const Expr& b) { return binary(BinaryOp::divide, a, b); }
inline Expr operator<(const Expr& a, const Expr& b) { return compare(CompareOp::less, a, b); }
inline Expr operator<=(const Expr& a, const Expr& b) { return compare(CompareOp::less_equal, a, b); }
inline Expr operator&&(const Expr& a, const Expr& b) { return binary(BinaryOp::logical_and, a, b); }
inline Expr operator||(const Expr& a, const Expr& b) { return binary(BinaryOp::logical_or, a, b); }
inline Expr operator!(const Expr& a) { return unary(UnaryOp::logical_not, a); }
inline Expr operator-(const Expr& a) { return unary(UnaryOp::negate, a); }
inline Expr equal(const Expr& a, const Expr& b) { return compare(CompareOp::equal, a, b); }
inline Expr absolute(const Expr& a) { return unary(UnaryOp::absolute, a); }

/// A literal of the type of `like`, which is a float.
inline Expr number(const Expr& like, double value) { return float_constant(like.type(), value); }
inline Expr operator+(const Expr& a, double b) { return a + number(a, b); }
inline Expr operator+(double a, const Expr& b) { return number(b, a) + b; }
inline Expr operator-(const Expr& a, double b) { return a - number(a, b); }
inline Expr operator-(double a, const Expr& b) { return number(b, a) - b; }
inline Expr operator*(const Expr& a, double b) { return a * number(a, b); }
inline Expr operator<(const Expr& a, double b) { return a < number(a, b); }
inline Expr operator<(double a, const Expr& b) { return number(b, a) < b; }
inline Expr equal(const Expr& a, double b) { return equal(a, number(a, b)); }

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline Expr nan(DType type) {
  return constant_from_bits(type, type == DType::float32 ? 0x7fc00000U : 0x7ff8000000000000U);
}

/// a * b + c, rounded once.
inline Expr multiply_add(const Expr& a, const Expr& b, const Expr& c) { return fused_multiply_add(a, b, c); }
inline Expr multiply_add(const Expr& a, double b, const Expr& c) { return multiply_add(a, number(a, b), c); }
inline Expr multiply_add(const Expr& a, double b, double c) { return multiply_add(a, number(a, b), number(a, c)); }

/// The polynomial with these coefficients, lowest power first.
inline Expr polynomial(const Expr& x, std::initializer_list<double> coefficients) {
  const double* coefficient = coefficients.end();
  Expr sum = number(x, *--coefficient);
  while (coefficient != coefficients.begin()) sum = multiply_add(sum, x, number(x, *--coefficient));
  return sum;
}

/// The same by pieces of four coefficients that do not wait for each other: some products more, but much sooner there.
inline Expr balanced_polynomial(const Expr& x, std::initializer_list<double> coefficients) {
  const Expr square = x * x;
  const Expr fourth = square * square;
  const auto pair = [&](const double* from) {
    return from + 1 < coefficients.end() ? multiply_add(x, from[1], from[0]) : number(x, from[0]);
  };
  const auto piece = [&](const double* from) {
    return from + 2 < coefficients.end() ? multiply_add(pair(from + 2), square, pair(from)) : pair(from);
  };
  const double* from = coefficients.begin() + (coefficients.size() - 1) / 4 * 4;
  Expr sum = piece(from);
  while (from != coefficients.begin()) sum = multiply_add(sum, fourth, piece(from -= 4));
  return sum;
}

/// A value as the sum of two numbers, the second at most about half a unit in the last place of the first.
struct Pair {
  Expr high;
  Expr low;
};

/// a + b without an error, where a is zero or not smaller than b.
inline Pair ordered_sum(const Expr& a, const Expr& b) {
  Expr sum = a + b;
  return {sum, (a - sum) + b};
}

/// a + b without an error (Knuth).
inline Pair exact_sum(const Expr& a, const Expr& b) {
  Expr sum = a + b;
  const Expr b_share = sum - a;
  return {sum, (a - (sum - b_share)) + (b - b_share)};
}

/// a * b without an error, where nothing underflows.
inline Pair exact_product(const Expr& a, const Expr& b) {
  Expr product = a * b;
  return {product, multiply_add(a, b, -product)};
}

/// The layout of a floating-point type.
struct Layout {
  DType bits;
  int mantissa_bits;  // without the leading one
  int bias;
};
inline Layout layout_of(DType type) {
  return type == DType::float32 ? Layout{DType::uint32, 23, 127} : Layout{DType::uint64, 52, 1023};
}

inline Expr bits_of(const Expr& x) { return reinterpret(layout_of(x.type()).bits, x); }
/// An unsigned literal, modulo the size of the type of `like`.
inline Expr unsigned_number(const Expr& like, std::uint64_t value) {
  return constant_from_bits(like.type(), like.type() == DType::uint32 ? value & 0xffffffffU : value);
}
/// Shifts of unsigned integers.
inline Expr shifted_left(const Expr& x, int places) { return x * unsigned_number(x, std::uint64_t{1} << places); }
inline Expr shifted_right(const Expr& x, int places) { return x / unsigned_number(x, std::uint64_t{1} << places); }
inline Expr plus(const Expr& x, std::uint64_t value) { return x + unsigned_number(x, value); }

/// The result for |x|, negated where x is negative; for float64.
inline Expr with_sign_of(const Expr& x, const Expr& result) {
  return reinterpret(x.type(), bits_of(result) + shifted_left(shifted_right(bits_of(x), 63), 63));
}

inline double smallest_normal(DType type) { return type == DType::float32 ? 0x1p-126 : 0x1p-1022; }

/// From here on all numbers are integers.
inline double all_integers(DType type) { return type == DType::float32 ? 0x1p23 : 0x1p52; }
/// The nearest integer of a number between zero and all_integers. No `floor`: GCC has no vectors of that.
inline Expr nearest_integer(const Expr& x) { return (x + all_integers(x.type())) - all_integers(x.type()); }

}  // namespace cppstencils::ir::functions
