#include "ir/functions/definitions.hpp"

// log(x) = k ln 2 + log(m) with m between sqrt(1/2) and sqrt(2), and log(m) = log((1 + s) / (1 - s)) with
// s = f / (2 + f), f = m - 1. The sum is arranged as in Tang, "Table-driven implementation of the logarithm function in
// IEEE floating-point arithmetic", and the FreeBSD library, so that its large terms are exact. The numbers are from
// tools/function_coefficients.py.

namespace cppstencils::ir::functions {
namespace {

/// (log((1 + s) / (1 - s)) / s - 2) / s^2 for z = s^2
Expr tail(const Expr& z) {
  if (z.type() == DType::float32) return polynomial(z, {0.6666677594184875, 0.3997753858566284, 0.2987182140350342});
  return polynomial(z, {0.6666666666666734, 0.3999999999941438, 0.2857142874246403, 0.22222198564359882,
                        0.181835648326685, 0.15314036442224369, 0.14796101686198612});
}

/// x without a subnormal exponent, and what is to be subtracted from that exponent plus `all_integers`.
struct Normal {
  Expr x;
  Expr bias;
};

Normal normal(const Expr& x) {
  const Layout layout = layout_of(x.type());
  return {x, number(x, all_integers(x.type()) + layout.bias)};
}

Normal normalized(const Expr& x) {
  const Layout layout = layout_of(x.type());
  const int extra = layout.mantissa_bits + 2;
  const Expr is_subnormal = x < smallest_normal(x.type());
  const Normal own = normal(x);
  return {select(is_subnormal, x * static_cast<double>(std::uint64_t{1} << extra), x),
          select(is_subnormal, number(x, all_integers(x.type()) + layout.bias + extra), own.bias)};
}

Decomposed decompose(const Normal& normal) {
  const DType type = normal.x.type();
  const Layout layout = layout_of(type);
  // The exponent steps up where the mantissa reaches sqrt(2).
  const std::uint64_t root = bits_of_float(type, type == DType::float32 ? 0x1.6a09e6p-1 : 0x1.6a09e667f3bcdp-1);
  const std::uint64_t one = bits_of_float(type, 1);
  const Expr shifted = plus(bits_of(normal.x), one - root);
  const Expr exponent = shifted_right(shifted, layout.mantissa_bits);
  const Expr m = reinterpret(type, plus(shifted - shifted_left(exponent, layout.mantissa_bits), root));
  // The bits of 2^52 with an integer in its last places are 2^52 plus that integer.
  return {m, reinterpret(type, plus(exponent, bits_of_float(type, all_integers(type)))) - normal.bias};
}

}  // namespace

Decomposed decompose_normal(const Expr& x) { return decompose(normal(x)); }

Decomposed decompose_size(const Expr& x, const Expr& is_normal) {
  const Expr is_rare = unary(UnaryOp::rarely, !is_normal);
  const Normal usual = normal(x);
  const Normal rare = normalized(absolute(x));
  return decompose({select(is_rare, rare.x, usual.x), select(is_rare, rare.bias, usual.bias)});
}

Expr log(const Expr& x) {
  const bool single = x.type() == DType::float32;
  const auto [m, k] = decompose(normalized(x));
  const Expr f = m - 1;
  const Expr s = f / (f + 2);
  const Expr z = s * s;
  const Expr half_square = f * 0.5 * f;
  // k times the first part of ln 2 is exact.
  const Expr small = multiply_add(s, multiply_add(z, tail(z), half_square),
                                  k * (single ? 1.428606765330187e-06 : 5.497923018708371e-14));
  const Expr result = multiply_add(k, single ? 0.693145751953125 : 0.6931471805598903, f - (half_square - small));
  const Expr not_positive = select(equal(x, 0), number(x, -infinity), nan(x.type()));
  return select(0 < x, select(x < infinity, result, x), not_positive);
}

}  // namespace cppstencils::ir::functions
