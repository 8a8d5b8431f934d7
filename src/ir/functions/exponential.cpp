#include "ir/functions/definitions.hpp"

// exp(x) = 2^n exp(r) with n = x / ln 2, rounded, and |r| <= ln 2 / 2. The method is the usual one, see Muller,
// "Elementary Functions", chapter 5; the numbers are from tools/function_coefficients.py.

namespace cppstencils::ir::functions {
namespace {

/// Adding it to a number below 2^51 (2^22) leaves the rounded number in the last bits of the sum.
double rounding_constant(DType type) { return type == DType::float32 ? 0x1.8p23 : 0x1.8p52; }
std::uint64_t rounding_constant_bits(DType type) { return bits_of_float(type, rounding_constant(type)); }

/// (exp(r) - 1 - r) / r^2
Expr tail(const Expr& r) {
  if (r.type() == DType::float32) {
    return polynomial(r, {0.5, 0.166665181517601, 0.04166620597243309, 0.00836889073252678, 0.0013950398424640298});
  }
  return polynomial(r, {0.5000000000000012, 0.166666666666667, 0.041666666666515424, 0.008333333333307356,
                        0.0013888888947015095, 0.0001984126991709327, 2.4801489942466875e-05, 2.7557216540341106e-06,
                        2.763128041870764e-07, 2.511778951660224e-08});
}

/// (exp(r) - 1 - r - r^2 / 2) / r^3, with an error that is small beside exp(r) - 1
Expr relative_tail(const Expr& r) {
  return polynomial(r, {0.16666666666666677, 0.0416666666666667, 0.008333333333321617, 0.001388888888886697,
                        0.00019841269886157896, 2.4801587360345967e-05, 2.75572441823725e-06, 2.755724290912634e-07,
                        2.5109044798125924e-08, 2.0924404342799056e-09});
}

struct Reduced {
  /// n + rounding_constant
  Expr shifted;
  Pair r;
};

Reduced reduce(const Expr& x) {
  const double shift = rounding_constant(x.type());
  const bool single = x.type() == DType::float32;
  const Expr shifted = multiply_add(x, 1.4426950408889634, shift);
  const Expr n = shifted - shift;
  // The first step is exact: both products and x are multiples of a number that is not too small.
  const Expr first = multiply_add(n, single ? -0x1.62e430p-1 : -0x1.62e42fefa39efp-1, x);
  const double rest = single ? 0x1.05c610p-29 : -2.3190468138462996e-17;
  const Expr r = multiply_add(n, rest, first);
  return {shifted, {r, multiply_add(n, rest, first - r)}};
}

/// y * 2^n in two steps, so that neither power overflows or is subnormal. The second rounds if the result is subnormal.
/// `shifted` is n + rounding_constant.
Expr scale(const Expr& y, const Expr& shifted) {
  const Layout layout = layout_of(y.type());
  const auto twice_bias = static_cast<std::uint64_t>(2 * layout.bias + 2);
  const Expr positive_n = plus(bits_of(shifted), twice_bias - rounding_constant_bits(y.type()));
  const Expr half = shifted_right(positive_n, 1);
  const auto power = [&](const Expr& exponent) {
    return reinterpret(y.type(), shifted_left(plus(exponent, ~std::uint64_t{0}), layout.mantissa_bits));
  };
  return y * power(half) * power(positive_n - half);
}

/// exp(r.high + r.low)
Expr exp_of_reduced(const Pair& r) {
  const Pair sum = ordered_sum(number(r.high, 1), r.high);
  return sum.high + (sum.low + multiply_add(r.high * r.high, tail(r.high), r.low));
}

}  // namespace

ScaledExp scaled_exp(const Expr& x) {
  const Reduced reduced = reduce(x);
  const Pair& r = reduced.r;
  const Pair square = exact_product(r.high, r.high);
  const Pair sum = ordered_sum(r.high, square.high * 0.5);
  const Expr low = multiply_add(square.low, number(x, 0.5), r.low + sum.low);
  const Pair p = ordered_sum(sum.high, multiply_add(r.high * square.high, relative_tail(r.high), low));
  return {p, reduced.shifted - rounding_constant(x.type())};
}

Expr power_of_two(const Expr& n) {
  const Layout layout = layout_of(n.type());
  const auto bias = static_cast<std::uint64_t>(layout.bias);
  const Expr exponent = plus(bits_of(n + rounding_constant(n.type())), bias - rounding_constant_bits(n.type()));
  return reinterpret(n.type(), shifted_left(exponent, layout.mantissa_bits));
}

UnscaledExp unscaled_exp(const Pair& x) {
  const double shift = rounding_constant(x.high.type());
  const Expr shifted = multiply_add(x.high, 1.4426950408889634, shift);
  const Expr n = shifted - shift;
  const Expr large = multiply_add(n, -0x1.62e42fefa39efp-1, x.high);
  const Expr small = multiply_add(n, -2.3190468138462996e-17, x.low);
  const Expr r = large + small;
  const Expr tail = balanced_polynomial(
      r, {0.5, 0.16666666666667113, 0.04166666666666817, 0.008333333333108478, 0.0013888888888476602,
          0.0001984127023539522, 2.4801587810862544e-05, 2.755700621288097e-06, 2.7557003237916195e-07,
          2.5167547780971784e-08, 2.0973057816063185e-09});
  const Pair sum = ordered_sum(number(r, 1), large);
  return {sum.high + multiply_add(r * r, tail, small + sum.low), shifted};
}

Expr scaled(const UnscaledExp& x) { return scale(x.y, x.shifted); }

Expr scaled_to_normal(const UnscaledExp& x) {
  return reinterpret(x.y.type(), bits_of(x.y) + shifted_left(bits_of(x.shifted), layout_of(x.y.type()).mantissa_bits));
}

Expr exp(const Expr& x) {
  // Beyond these limits the result is infinite or zero. NaN passes.
  const bool single = x.type() == DType::float32;
  const Expr least = number(x, single ? -104 : -746);
  const Expr largest = number(x, single ? 89 : 710);
  const Expr not_too_small = select(x < least, least, x);
  const Reduced reduced = reduce(select(largest < not_too_small, largest, not_too_small));
  return scale(exp_of_reduced(reduced.r), reduced.shifted);
}

}  // namespace cppstencils::ir::functions
