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

/// x as m * 2^k with m between sqrt(1/2) and sqrt(2), for positive finite x; something for any other x.
struct Decomposed {
  Expr m;
  Expr k;
};
Decomposed decompose(const Expr& x);

/// e^(x.high + x.low) for float64, where x.high is between -746 and 710, or NaN.
Expr exp_of(const Pair& x);

/// exp(x) = 2^n (1 + p) for float64 between -746 and 711, or NaN; n is an integer.
struct ScaledExp {
  Pair p;
  Expr n;
};
ScaledExp scaled_exp(const Expr& x);

/// y * 2^n for an integer n from -1075 to 1025.
Expr scaled(const Expr& y, const Expr& n);
/// 2^n for an integer n, if that is a normal number.
Expr power_of_two(const Expr& n);

}  // namespace cppstencils::ir::functions
