#include "ir/functions/philox.hpp"

#include "ir/functions/notation.hpp"

namespace cppstencils::ir::functions {
namespace {

constexpr int rounds = 10;
// The multipliers and the steps of the keys, from the paper.
constexpr std::uint64_t first_multiplier = 0xD2511F53;
constexpr std::uint64_t second_multiplier = 0xCD9E8D57;
constexpr std::uint64_t first_step = 0x9E3779B9;
constexpr std::uint64_t second_step = 0xBB67AE85;

Expr operator^(const Expr& a, const Expr& b) { return binary(BinaryOp::bit_xor, a, b); }
Expr low_half(const Expr& x) { return binary(BinaryOp::bit_and, x, unsigned_number(x, 0xffffffffU)); }
Expr high_half(const Expr& x) { return shifted_right(x, 32); }

}  // namespace

PhiloxWords philox(PhiloxWords counter, std::array<Expr, 2> key) {
  for (int round = 0; round < rounds; ++round) {
    if (round > 0) key = {low_half(plus(key[0], first_step)), low_half(plus(key[1], second_step))};
    const Expr first = counter[0] * unsigned_number(counter[0], first_multiplier);
    const Expr second = counter[2] * unsigned_number(counter[2], second_multiplier);
    counter = {high_half(second) ^ counter[1] ^ key[0], low_half(second), high_half(first) ^ counter[3] ^ key[1],
               low_half(first)};
  }
  return counter;
}

Expr uniform_float32(const Expr& word) {
  const Expr x = cast(DType::float32, cast(DType::uint32, word));
  return binary(BinaryOp::minimum, x * 0x1p-32 + 0x1p-33, number(x, 1 - 0x1p-24));
}

Expr uniform_float64(const Expr& first, const Expr& second) {
  // The bits of n go into the mantissas of two numbers, whose sum is rounded. A conversion of 64-bit integers would be
  // slow: most processors have none for vectors. The distance of numbers is 2^-21 from 2^31 on, and 2^-54 from 2^-2 on.
  const Expr low = first ^ low_half(shifted_left(second, 21));
  const Expr high = shifted_right(second, 11);
  const Expr coarse = reinterpret(DType::float64, plus(high, bits_of_float(DType::float64, 0x1p31)));
  const Expr fine = reinterpret(DType::float64, plus(shifted_left(low, 1), bits_of_float(DType::float64, 0x1p-2) + 1));
  return binary(BinaryOp::minimum, (coarse - (0x1p31 + 0x1p-2)) + fine, number(coarse, 1 - 0x1p-53));
}

}  // namespace cppstencils::ir::functions
