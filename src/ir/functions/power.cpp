#include "ir/functions/definitions.hpp"

// pow(x, y) = exp(y log|x|) with the logarithm as the sum of two numbers, good to about 64 bits. Its method is that of
// logarithm.cpp with every large term in double length (Dekker, "A floating-point technique for extending the available
// precision"). The special cases are those of C's Annex F.

namespace cppstencils::ir::functions {
namespace {

/// log(x) for positive finite x.
Pair long_log(const Expr& x) {
  const auto [m, k] = decompose(x);
  // s = f / (2 + f), with the remainder of the division.
  const Expr f = m - 1;
  const Pair divisor = ordered_sum(number(x, 2), f);
  const Expr reciprocal = number(x, 1) / divisor.high;
  const Expr s = f * reciprocal;
  const Expr remainder = multiply_add(-s, divisor.high, f);
  const Expr s_low = multiply_add(-s, divisor.low, remainder) * reciprocal;
  // z = s^2
  const Expr z = s * s;
  const Expr z_low = multiply_add(s * 2, s_low, multiply_add(s, s, -z));
  // log(m) = 2 s + s z (2/3 + z P(z))
  const Expr rest = polynomial(z, {0.3999999999999998, 0.28571428571442914, 0.22222222217975743, 0.18181818824622945,
                                   0.1538455957569862, 0.13336225521629816, 0.11676488984950044, 0.11976415259930641});
  const Pair product = exact_product(z, rest);
  const Pair factor = ordered_sum(number(x, 0.6666666666666666), product.high);
  const Expr factor_low = factor.low + multiply_add(z_low, rest, product.low + 3.700743415417188e-17);
  const Pair cube = exact_product(s, z);
  const Expr cube_low = multiply_add(s, z_low, multiply_add(s_low, z, cube.low));
  const Pair tail = exact_product(cube.high, factor.high);
  const Expr tail_low = multiply_add(cube.high, factor_low, multiply_add(cube_low, factor.high, tail.low));
  const Pair log_m = ordered_sum(s * 2, tail.high);
  // k ln 2: the first product is exact, and larger than log(m) unless it is zero.
  const Pair sum = ordered_sum(k * 0.6931471805598903, log_m.high);
  const Expr low = multiply_add(k, 5.497923018708371e-14, multiply_add(s_low, number(x, 2), log_m.low + tail_low));
  return ordered_sum(sum.high, sum.low + low);
}

/// |x|^y for positive finite x.
Expr magnitude(const Expr& x, const Expr& y) {
  const Pair logarithm = long_log(x);
  const Expr high = y * logarithm.high;
  const Expr low = multiply_add(y, logarithm.low, multiply_add(y, logarithm.high, -high));
  // Beyond these limits the result is infinite or zero, and the low part may be NaN.
  const Expr is_too_small = high < -746;
  const Expr is_too_large = 710 < high;
  const Expr clamped = select(is_too_small, number(x, -746), select(is_too_large, number(x, 710), high));
  return exp_of({clamped, select(is_too_small || is_too_large, number(x, 0), low)});
}

/// The same for float32, in float64: no double length is needed.
Expr single_magnitude(const Expr& x, const Expr& y) {
  const Expr wide = cast(DType::float64, x);
  return cast(DType::float32, exp(cast(DType::float64, y) * log(wide)));
}

Expr is_integer(const Expr& x) {
  const Expr size = absolute(x);
  return equal(nearest_integer(size), size) || number(x, all_integers(x.type())) <= size;
}

}  // namespace

Expr pow(const Expr& x, const Expr& y) {
  const DType type = x.type();
  const Expr size = absolute(x);
  const Expr zero = number(x, 0);
  const Expr one = number(x, 1);
  const Expr ordinary = type == DType::float32 ? single_magnitude(size, y) : magnitude(size, y);
  const Expr is_ordinary = zero < x && x < infinity && absolute(y) < infinity;
  const Expr is_zero = equal(size, 0);
  const Expr is_infinite = equal(size, infinity);
  // 0 and infinity to a power, and 1 to an infinite one.
  const Expr to_infinity = select(y < zero, is_zero, is_infinite);
  Expr result = select(is_zero || is_infinite, select(to_infinity, number(x, infinity), zero), ordinary);
  result = select(equal(size, 1), one, result);
  // Negative x: odd powers are negative, and powers that are no integers do not exist.
  const Expr has_integer_exponent = is_integer(y);
  const Expr is_odd = has_integer_exponent && !is_integer(y * 0.5);
  const std::uint64_t sign_bit = bits_of_float(type, -0.0);
  const Expr has_sign = unsigned_number(bits_of(x), sign_bit) <= bits_of(x);
  result = select(has_sign && is_odd, -result, result);
  const Expr is_negative = x < zero && -infinity < x;
  const Expr is_nan = !(x <= number(x, infinity)) || !(y <= number(y, infinity));
  result = select((is_negative && !has_integer_exponent) || is_nan, nan(type), result);
  result = select(equal(y, 0) || equal(x, 1), one, result);
  return select(unary(UnaryOp::rarely, !is_ordinary), result, ordinary);
}

}  // namespace cppstencils::ir::functions
