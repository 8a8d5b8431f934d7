#include "ir/functions/definitions.hpp"

// exp(|x|) = 2^n (1 + p) with p as the sum of two numbers, so that nothing cancels where x is small:
//   tanh x = t / (t + 2) with t = exp(2 |x|) - 1 = (2^n - 1) + 2^n p
//   2^(1-n) sinh x = (1 - w) + p + w g and 2^(1-n) cosh x = (1 + w) + p - w g with w = 4^-n, g = p / (1 + p)

namespace cppstencils::ir::functions {
namespace {

Expr at_most(const Expr& x, double limit) { return select(limit < x, number(x, limit), x); }

struct HyperbolicTerms {
  ScaledExp exp;
  /// 4^-n, and its product with g.
  Expr w;
  Pair w_g;
};

HyperbolicTerms hyperbolic_terms(const Expr& x) {
  // Beyond this limit the result is infinite.
  const ScaledExp exp = scaled_exp(at_most(absolute(x), 711));
  const Pair& p = exp.p;
  const Pair a = ordered_sum(number(x, 1), p.high);
  const Expr reciprocal = number(x, 1) / a.high;
  const Expr g = p.high * reciprocal;
  const Expr remainder = multiply_add(-g, a.high, p.high) + multiply_add(-g, a.low + p.low, p.low);
  // From n = 64 on, w is too small to count.
  const Expr w = power_of_two(at_most(exp.n, 64) * -2);
  return {exp, w, {w * g, w * (remainder * reciprocal)}};
}

/// first + p + second
Expr sum_of(const Pair& first, const Pair& p, const Pair& second) {
  const Pair inner = exact_sum(p.high, second.high);
  const Pair outer = ordered_sum(first.high, inner.high);
  return outer.high + (outer.low + (inner.low + (p.low + second.low + first.low)));
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
  const Pair difference = ordered_sum(number(x, 1), -terms.w);
  return with_sign_of(x, scaled(sum_of(difference, terms.exp.p, terms.w_g), terms.exp.n - 1));
}

Expr cosh(const Expr& x) {
  if (x.type() == DType::float32) return in_float64(cosh, x);
  const HyperbolicTerms terms = hyperbolic_terms(x);
  const Pair sum = ordered_sum(number(x, 1), terms.w);
  return scaled(sum_of(sum, terms.exp.p, {-terms.w_g.high, -terms.w_g.low}), terms.exp.n - 1);
}

}  // namespace cppstencils::ir::functions
