#include "ir/functions/definitions.hpp"

// With exp(2 |x|) = 2^n (1 + p), p as the sum of two numbers, so that nothing cancels where x is small:
//   tanh x = t / (t + 2) with t = exp(2 |x|) - 1 = (2^n - 1) + 2^n p
// and with |x| = n ln 2 + r, a = 2^(n-1), b = 2^(-n-1), without a division
//   sinh |x| = (a - b) cosh r + (a + b) sinh r
//   cosh x = (a + b) cosh r + (a - b) sinh r

namespace cppstencils::ir::functions {
namespace {

/// Adding it to a number below 2^51 leaves the rounded number in the last bits of the sum.
constexpr double rounding_constant = 0x1.8p52;

Expr is_large(const Expr& x) { return unary(UnaryOp::rarely, 700 < absolute(x)); }

Expr at_most(const Expr& x, double limit) { return select(limit < x, number(x, limit), x); }

/// |x| = n ln 2 + r with r = large + small; 2^(n-1) and 2^(-n-1), their sum and their difference; cosh(r) - 1 and
/// sinh(r) - r.
struct HyperbolicTerms {
  Expr large;
  Expr small;
  Expr power;
  Expr inverse;
  Expr sum;
  Expr difference;
  Expr cosh;
  Expr sinh;
};

/// For |x| that `is_large` does not name; something for any other x.
HyperbolicTerms hyperbolic_terms(const Expr& x) {
  // As in exponential.cpp; the first step is exact.
  const Expr shifted = multiply_add(absolute(x), 1.4426950408889634, number(x, rounding_constant));
  const Expr n = shifted - rounding_constant;
  const Expr large = multiply_add(n, -0x1.62e42fefa39efp-1, absolute(x));
  const Expr small = n * -2.3190468138462996e-17;
  const Expr r = large + small;
  const Expr z = r * r;
  const Expr cosh = z * balanced_polynomial(z, {0.5, 0.04166666666666671, 0.0013888888888863933, 2.480158736340197e-05,
                                                2.755724181908836e-07, 2.0924427312355694e-09});
  const Expr sinh = (r * z) * balanced_polynomial(z, {0.16666666666666677, 0.008333333333321617, 0.0001984126988615717,
                                                      2.7557244183041797e-06, 2.510904459281246e-08});
  const Expr power = power_of_two(n - 1);
  const Expr inverse = power_of_two(-1 - n);
  return {large, small, power, inverse, power + inverse, power - inverse, cosh, sinh};
}

/// exp(|x|) / 2 where that is large, and infinity where it is infinite.
Expr large_result(const Expr& x) {
  const UnscaledExp power = unscaled_exp({at_most(absolute(x), 711), number(x, 0)});
  return scaled({power.y, power.shifted - 1});
}

}  // namespace

Expr tanh(const Expr& x) {
  if (x.type() == DType::float32) return in_float64(tanh, x);
  // From 20 on the result rounds to one.
  const ScaledExp exp = scaled_exp(at_most(absolute(x), 20) * 2);
  const Expr power = power_of_two(exp.n);
  const Pair sum = ordered_sum(power - 1, power * exp.p.high);
  const Pair t = ordered_sum(sum.high, multiply_add(power, exp.p.low, sum.low));
  const Pair divisor = exact_sum(t.high, number(x, 2));
  const Expr reciprocal = number(x, 1) / divisor.high;
  const Expr quotient = t.high * reciprocal;
  const Expr remainder =
      multiply_add(-quotient, divisor.high, t.high) + multiply_add(-quotient, divisor.low + t.low, t.low);
  return with_sign_of(x, multiply_add(remainder, reciprocal, quotient));
}

Expr sinh(const Expr& x) {
  if (x.type() == DType::float32) return in_float64(sinh, x);
  const HyperbolicTerms terms = hyperbolic_terms(x);
  // Its first part is larger than the others, or zero.
  const Expr& first = terms.difference;
  const Expr second = multiply_add(terms.sum, terms.large, first);
  const Expr second_low = multiply_add(terms.sum, terms.large, first - second);
  const Expr first_low = (terms.power - first) - terms.inverse;
  const Expr rest = multiply_add(terms.sum, terms.small, second_low + first_low);
  const Expr low = multiply_add(terms.difference, terms.cosh, multiply_add(terms.sum, terms.sinh, rest));
  return with_sign_of(x, select(is_large(x), large_result(x), second + low));
}

Expr cosh(const Expr& x) {
  if (x.type() == DType::float32) return in_float64(cosh, x);
  const HyperbolicTerms terms = hyperbolic_terms(x);
  const Expr& first = terms.power;
  const Expr second = multiply_add(terms.difference, terms.large, first);
  const Expr second_low = multiply_add(terms.difference, terms.large, first - second);
  const Expr rest = multiply_add(terms.difference, terms.small, second_low);
  const Expr low = multiply_add(terms.sum, terms.cosh, multiply_add(terms.difference, terms.sinh, rest));
  return select(is_large(x), large_result(x), second + (terms.inverse + low));
}

}  // namespace cppstencils::ir::functions
