#include "ir/functions/definitions.hpp"

// pow(x, y) = exp(y log|x|) with the logarithm as the sum of two numbers, good to about 64 bits. Its method is that of
// logarithm.cpp with every large term in double length (Dekker, "A floating-point technique for extending the available
// precision"). The special cases are those of C's Annex F.

namespace cppstencils::ir::functions {
namespace {

constexpr double rounding_constant = 0x1.8p52;

/// log |x| for finite x that are not zero; `is_normal` says that x is positive and not subnormal, too. The low part may
/// reach a ten-thousandth of the high one.
Pair long_log(const Expr& x, const Expr& is_normal) {
  const auto [m, k] = decompose_size(x, is_normal);
  // s = f / (2 + f), and f - s (2 + f), which is what rounding left.
  const Expr f = m - 1;
  const Pair divisor = ordered_sum(number(x, 2), f);
  const Expr s = f / divisor.high;
  const Expr remainder = multiply_add(-s, divisor.low, multiply_add(-s, divisor.high, f));
  // log(m) = 2 s + s^3 (c + P(s^2)) + remainder / (1 + s), where c is in the middle of the values, so that P is small.
  const Pair z = exact_product(s, s);
  const double middle = 0.6726814287978746;
  const Pair cube = exact_product(s, z.high);
  const Expr cube_low = multiply_add(s, z.low, cube.low);
  const Expr rest =
      balanced_polynomial(z.high, {-0.006014762131208016, 0.4000000000000625, 0.2857142856908608, 0.2222222264677091,
                                   0.18181775667297817, 0.15387090689519067, 0.13250119484310982, 0.1325131810711111});
  const Expr slope =
      balanced_polynomial(s, {0.9998875678757512, -0.999545173732682, 1.0302726476403592, -1.0457807901434912});
  // k ln 2 + 2 s + c s^3. The first product is exact, and each sum is larger than what is added, unless k is zero.
  const Expr first = k * 0.6931471805598903;
  const Expr second = multiply_add(s, 2, first);
  const Expr third = multiply_add(cube.high, middle, second);
  const Expr second_low = multiply_add(s, 2, first - second);
  const Expr third_low = multiply_add(cube_low, middle, multiply_add(cube.high, middle, second - third));
  // What needs the polynomials comes last: the rest does not have to wait.
  const Expr low = multiply_add(remainder, slope, multiply_add(k, 5.497923018708371e-14, second_low + third_low));
  return {third, multiply_add(cube.high, rest, low)};
}

/// |x|^y for finite x that are not zero.
struct Magnitude {
  /// Seldom false: if x is positive and the result neither too large nor too small by far.
  Expr is_ordinary;
  Expr ordinary;
  Expr any;
};

Magnitude magnitude(const Expr& x, const Expr& y) {
  const Expr is_normal = number(x, smallest_normal(x.type())) <= x && x < infinity;
  const Pair logarithm = long_log(x, is_normal);
  const Pair product = exact_product(y, logarithm.high);
  const Expr& size = product.high;
  const UnscaledExp power = unscaled_exp({size, multiply_add(y, logarithm.low, product.low)});
  const Expr any = select(size < -746, number(x, 0), select(710 < size, number(x, infinity), scaled(power)));
  return {is_normal && absolute(size) < 707, scaled_to_normal(power), any};
}

/// The same for float32, in float64: no double length is needed.
Magnitude single_magnitude(const Expr& x, const Expr& y) {
  const auto [m, k] = decompose_normal(cast(DType::float64, absolute(x)));
  const Expr s = (m - 1) / (m + 1);
  const Expr rest = balanced_polynomial(
      s * s, {2.8853900817901468, 0.961796673275945, 0.5770835961623957, 0.4116721099790822, 0.3407404556983876});
  // 2^n 2^r
  const Expr wide_y = cast(DType::float64, y);
  const Expr log2 = multiply_add(s, rest, k);
  const Expr shifted = multiply_add(wide_y, log2, number(wide_y, rounding_constant));
  const Expr n = shifted - rounding_constant;
  const Expr r = multiply_add(wide_y, log2, -n);
  const Expr exp2 =
      balanced_polynomial(r, {1, 0.6931471805418946, 0.24022651076328305, 0.05550410962036918, 0.009618036835490406,
                              0.0013333431163332831, 0.00015467136262660062, 1.531486727559649e-05});
  const Expr power = cast(DType::float32, scaled_to_normal({exp2, shifted}));
  const Expr any = select(n < -1000, number(x, 0), select(1000 < n, number(x, infinity), power));
  return {0 < x && x < infinity && absolute(n) < 1000, power, any};
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
  const Magnitude power = type == DType::float32 ? single_magnitude(x, y) : magnitude(x, y);
  const Expr is_zero = equal(size, 0);
  const Expr is_infinite = equal(size, infinity);
  // 0 and infinity to a power, and 1 to an infinite one.
  const Expr to_infinity = select(y < zero, is_zero, is_infinite);
  Expr result = select(is_zero || is_infinite, select(to_infinity, number(x, infinity), zero), power.any);
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
  return select(unary(UnaryOp::rarely, !power.is_ordinary), result, power.ordinary);
}

}  // namespace cppstencils::ir::functions
