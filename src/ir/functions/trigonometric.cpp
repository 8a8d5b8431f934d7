#include <array>
#include <vector>

#include "ir/functions/definitions.hpp"

// x = n pi / 2 + r with |r| <= pi / 4, r as the sum of two numbers. Up to 2^30 (for float32, 2^17) by steps as in Cody
// and Waite, "Software Manual for the Elementary Functions", of which the fused multiply-add makes the first exact.
// Beyond, x * 2 / pi modulo 4 is summed from products with pieces of 2 / pi, as in Payne and Hanek, "Radian reduction
// for trigonometric functions"; that is rarely needed. The numbers are from tools/function_coefficients.py.

namespace cppstencils::ir::functions {
namespace {

/// Adding it leaves the rounded number in the last bits of the sum.
constexpr double rounding_constant = 0x1.8p52;

double largest_ordinary(DType type) { return type == DType::float32 ? 0x1p17 : 0x1p30; }

/// 2^(64 q) * 2 / pi modulo 4 for q = -1 ... 14, each as the sum of five numbers.
constexpr std::array<std::array<double, 5>, 16> powers_by_two_over_pi{{
    {{3.451122701240795e-20, -2.1335664002872674e-36, -1.1624204510077506e-52, 8.731691505464226e-69,
      -1.6916552692956695e-85}},
    {{0.6366197723675814, -3.935735335036497e-17, -2.1442872565786008e-33, 1.6107127853188224e-49,
      -3.1205531813639427e-66}},
    {{1.9849753272621515, -3.1178565966641257e-17, 6.863064799465887e-34, -3.385108475271734e-51,
      -2.1294552526330208e-67}},
    {{0.8569730280980947, 3.577510976413712e-18, -4.409950693639701e-35, 8.125176617421835e-52,
      -7.276149238260893e-68}},
    {{1.9934294027905102, 7.468610146763042e-17, 2.6623537174486554e-33, 2.624290316405018e-50,
      1.0642469802781189e-66}},
    {{1.7153996364816557, 3.989997103266016e-17, -2.778971522716871e-33, 1.314003515760171e-49,
      -4.0124170703808876e-67}},
    {{0.02455418790652278, 1.5716943815562158e-18, -6.677128753021848e-35, -3.390363894770571e-51,
      2.4868677201434272e-67}},
    {{0.9926440186547213, -1.0467525454342137e-17, 6.293270923234803e-34, -3.1076181173778906e-50,
      2.1332753137077491e-66}},
    {{-1.0917631412896922, 6.271635464139531e-17, 6.0653663707502085e-33, -3.3322666471961407e-49,
      -4.3122458048192684e-66}},
    {{0.9125433058255776, -2.421972770216662e-17, 6.213798655161652e-34, -5.416972084971054e-51,
      -4.923123330967378e-69}},
    {{1.2248815431988307, -8.388410436886892e-17, -1.3178845532633915e-33, 8.024134531623681e-50,
      -4.326725117376295e-66}},
    {{0.6113948551337428, 3.2051665461021856e-18, -7.81940772565019e-35, -5.236674178479329e-51,
      -3.132640235254821e-68}},
    {{-0.8751130104373971, 8.638007821401913e-19, -1.4201656791519197e-35, -5.52949567595393e-52,
      2.2947042539425405e-68}},
    {{-0.06568804118975029, 1.7036400926609164e-18, 7.309546151776133e-36, -3.349855763064181e-52,
      -2.9125648823073713e-69}},
    {{-0.5733872169732485, 2.3815024694267182e-17, -1.6417372469441525e-35, -2.7204478015414685e-52,
      -1.7050386935603715e-68}},
    {{-0.6903343557802376, 3.021983908099415e-17, 1.144635385947028e-33, 2.758975873299845e-50,
      1.8220826395137087e-66}},
}};

struct Angle {
  Pair r;
  /// Its last two bits are those of n.
  Expr quadrant;
};

Angle reduce_ordinary(const Expr& x) {
  const Expr shifted = multiply_add(x, 0.6366197723675814, rounding_constant);
  const Expr n = shifted - rounding_constant;
  const Expr first = multiply_add(n, -1.5707963267948966, x);
  const Pair second = exact_product(n, number(x, -6.123233995736766e-17));
  const Pair r = exact_sum(first, second.high);
  const Expr low = multiply_add(n, 1.4973849048591698e-33, r.low + second.low);
  return {{r.high, low}, bits_of(shifted)};
}

/// The same for float32. The first step is exact again; its result is a multiple of the last place of what is added.
Angle reduce_ordinary_single(const Expr& x) {
  constexpr double shift = 0x1.8p23;
  const Expr shifted = multiply_add(x, 0.6366197466850281, shift);
  const Expr n = shifted - shift;
  const Expr first = multiply_add(n, -1.5707963705062866, x);
  const Pair second = exact_product(n, number(x, 4.371138828673793e-08));
  const Pair r = ordered_sum(first, second.high);
  return {{r.high, multiply_add(n, 1.7151245100058819e-15, r.low + second.low)}, bits_of(shifted)};
}

/// x without a multiple of 4, exactly, between -2 and 2.
Expr modulo_four(const Expr& x) {
  const Expr size = absolute(x);
  const Expr quarter = size * 0.25;
  const Expr nearest = select(quarter < all_integers(DType::float64), nearest_integer(quarter), quarter);
  return with_sign_of(x, multiply_add(nearest, -4, size));
}

/// How many of the powers and of their pieces numbers of a type need.
struct Reach {
  int bits_of_index;
  std::size_t pieces;
};
Reach reach_of(DType type) { return type == DType::float32 ? Reach{1, 4} : Reach{4, 5}; }

/// One of 2^n numbers; `bits` says if a bit of the index is set, the lowest first.
Expr pick(const std::vector<Expr>& bits, std::vector<Expr> numbers) {
  for (const Expr& bit : bits) {
    std::vector<Expr> half;
    for (std::size_t i = 0; i < numbers.size(); i += 2) half.push_back(select(bit, numbers[i + 1], numbers[i]));
    numbers = std::move(half);
  }
  return numbers[0];
}

/// For a float64 x that is a number of `type`.
Angle reduce_large(const Expr& x, DType type) {
  const Reach reach = reach_of(type);
  // x = scaled * 2^(64 q) with an exponent of `scaled` between 64 and 127, but for the smallest x.
  const Expr exponent = shifted_right(shifted_left(bits_of(x), 1), 53);
  const Expr step = shifted_right(plus(exponent, 1), 6);  // q + 17
  const Expr scaled = reinterpret(DType::float64, bits_of(x) - shifted_left(plus(step, ~std::uint64_t{16}), 58));
  std::vector<Expr> bits;
  for (int bit = 0; bit < reach.bits_of_index; ++bit) {
    bits.push_back(cast(DType::int64, shifted_left(step, 63 - bit)) < int_constant(DType::int64, 0));
  }
  std::vector<Pair> products;
  for (std::size_t piece = 0; piece < reach.pieces; ++piece) {
    std::vector<Expr> numbers;
    for (std::size_t i = 0; i < std::size_t{1} << reach.bits_of_index; ++i) {
      numbers.push_back(number(x, powers_by_two_over_pi.at(i)[piece]));
    }
    products.push_back(exact_product(scaled, pick(bits, std::move(numbers))));
  }
  // Whatever can be above 4 loses multiples of 4. What is below 2^-30 is left alone.
  const std::array large{modulo_four(products[0].high), modulo_four(products[0].low), modulo_four(products[1].high),
                         modulo_four(products[1].low), modulo_four(products[2].high)};
  std::vector<Expr> small;
  Expr sum = large[0];
  for (std::size_t i = 1; i < large.size(); ++i) {
    Pair pair = exact_sum(sum, large[i]);
    sum = pair.high;
    small.push_back(pair.low);
  }
  const Expr shifted = sum + rounding_constant;
  // The fraction may be as small as 2^-62: what is added to it must not lose bits.
  Pair fraction{sum - (shifted - rounding_constant), number(x, 0)};
  small.insert(small.end(), {products[2].low, products[3].high});
  if (reach.pieces > 4) small.insert(small.end(), {products[3].low, products[4].high});
  for (const Expr& term : small) {
    const Pair pair = exact_sum(fraction.high, term);
    fraction = ordered_sum(pair.high, fraction.low + pair.low);
  }
  // times pi / 2
  const Pair product = exact_product(fraction.high, number(x, 1.5707963267948966));
  const Expr low =
      multiply_add(fraction.high, 6.123233995736766e-17, multiply_add(fraction.low, 1.5707963267948966, product.low));
  // Infinities have no angle.
  const Expr high = select(absolute(x) < infinity, product.high, nan(DType::float64));
  return {{high, low}, bits_of(shifted)};
}

/// (sin(r) / r - 1) / z and (cos(r) - 1 + z / 2) / z^2 for z = r^2
Expr sin_tail(const Expr& z) {
  if (z.type() == DType::float32)
    return polynomial(z, {-0.16666653752326965, 0.008332131430506706, -0.00019510845595505089});
  return polynomial(z, {-0.16666666666666632, 0.00833333333332242, -0.00019841269829813437, 2.755731369389974e-06,
                        -2.5050758429703635e-08, 1.5896814110050524e-10});
}

Expr cos_tail(const Expr& z) {
  if (z.type() == DType::float32)
    return polynomial(z, {0.04166664555668831, -0.0013887305976822972, 2.4431192287011072e-05});
  return polynomial(z, {0.0416666666666666, -0.001388888888887413, 2.480158728948608e-05, -2.755731435353637e-07,
                        2.0875723446259833e-09, -1.1359657210535275e-11});
}

Expr sin_of(const Pair& r) {
  const Expr z = r.high * r.high;
  const Expr slope = multiply_add(z, -0.5, 1);
  return r.high + multiply_add(r.low, slope, r.high * z * sin_tail(z));
}

Expr cos_of(const Pair& r) {
  const Pair z = exact_product(r.high, r.high);
  const Pair sum = ordered_sum(number(r.high, 1), z.high * -0.5);
  const Expr rest = multiply_add(-r.high, r.low, z.low * -0.5);
  return sum.high + (sum.low + multiply_add(z.high * z.high, cos_tail(z.high), rest));
}

/// The sine of the angle and so many quarters of a turn.
Expr sin_of(const Angle& angle, std::uint64_t quarters) {
  const Expr quadrant = quarters == 0 ? angle.quadrant : plus(angle.quadrant, quarters);
  const int top_bit = quadrant.type() == DType::uint32 ? 31 : 63;
  const Expr is_even = equal(shifted_left(quadrant, top_bit), unsigned_number(quadrant, 0));
  const Expr size = select(is_even, sin_of(angle.r), cos_of(angle.r));
  const Expr sign = shifted_left(shifted_right(quadrant, 1), top_bit);
  return reinterpret(size.type(), bits_of(size) + sign);
}

Expr sin_or_cos(const Expr& x, std::uint64_t quarters) {
  const bool single = x.type() == DType::float32;
  const Expr is_large = unary(UnaryOp::rarely, largest_ordinary(x.type()) < absolute(x));
  const Expr large = cast(x.type(), sin_of(reduce_large(cast(DType::float64, x), x.type()), quarters));
  return select(is_large, large, sin_of(single ? reduce_ordinary_single(x) : reduce_ordinary(x), quarters));
}

}  // namespace

Expr sin(const Expr& x) {
  // So small numbers are their own sine; the sign of a zero would be lost.
  return select(absolute(x) < 0x1p-27, x, sin_or_cos(x, 0));
}

Expr cos(const Expr& x) { return sin_or_cos(x, 1); }

}  // namespace cppstencils::ir::functions
