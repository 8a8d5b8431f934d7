#pragma once

#include "cppstencils/ir/expr.hpp"
#include "ir/functions/notation.hpp"

/// The math functions as arithmetic of the IR: no branch, no table in memory, the same bits wherever it runs.
/// `docs/design/0007-math-functions-are-arithmetic.md` states the errors.
namespace cppstencils::ir::functions {

Expr exp(const Expr& x);
Expr log(const Expr& x);
Expr sin(const Expr& x);
Expr cos(const Expr& x);
Expr sinh(const Expr& x);
Expr cosh(const Expr& x);
Expr tanh(const Expr& x);
Expr pow(const Expr& x, const Expr& y);

/// A float32 function by way of float64: its error there hardly counts.
inline Expr in_float64(Expr (*function)(const Expr&), const Expr& x) {
  return cast(DType::float32, function(cast(DType::float64, x)));
}

/// m * 2^k with m between sqrt(1/2) and sqrt(2).
struct Decomposed {
  Expr m;
  Expr k;
};
/// For positive finite x that are not subnormal; something for any other x.
Decomposed decompose_normal(const Expr& x);
/// |x| if that is finite and not zero; something for any other x. The condition is true for no others than those of
/// `decompose_normal`, and seldom false.
Decomposed decompose_size(const Expr& x, const Expr& is_normal);

/// y * 2^n with y between 0.6 and 1.7, and n as n + 0x1.8p52.
struct UnscaledExp {
  Expr y;
  Expr shifted;
};
/// e^(x.high + x.low) for float64, where the low part is at most 0.13, and the high one between -10^6 and 10^6;
/// something for any other x.
UnscaledExp unscaled_exp(const Pair& x);
/// For n from -1075 to 1025, and for n from -1021 to 1022.
Expr scaled(const UnscaledExp& x);
Expr scaled_to_normal(const UnscaledExp& x);

/// exp(x) = 2^n (1 + p) for float64 between -746 and 711, or NaN; n is an integer.
struct ScaledExp {
  Pair p;
  Expr n;
};
ScaledExp scaled_exp(const Expr& x);

/// 2^n for an integer n, if that is a normal number.
Expr power_of_two(const Expr& n);

}  // namespace cppstencils::ir::functions
