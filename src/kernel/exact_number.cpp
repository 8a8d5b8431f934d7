#include "kernel/exact_number.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace cppstencils::kernel {

namespace {

// |numerator|/denominator as mantissa * 2**-shift. The mantissa has at least 62 bits and its last bit is sticky: set
// when the division leaves a remainder. Rounding the mantissa to fewer bits then rounds the exact quotient.
struct Quotient {
  std::uint64_t mantissa;
  int shift;
};

Quotient divide(std::uint64_t numerator, std::uint64_t denominator) {
  const int numerator_bits = static_cast<int>(std::bit_width(numerator));
  const int denominator_bits = static_cast<int>(std::bit_width(denominator));
  const int shift = std::max(0, 62 - (numerator_bits - denominator_bits));
  const auto dividend = static_cast<unsigned __int128>(numerator) << shift;
  auto mantissa = static_cast<std::uint64_t>(dividend / denominator);
  if (dividend % denominator != 0) mantissa |= 1;
  return {mantissa, shift};
}

template <class Real>
Real nearest(std::int64_t numerator, std::int64_t denominator) {
  if (numerator == 0) return Real(0);
  const std::uint64_t magnitude =
      numerator < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(numerator) : static_cast<std::uint64_t>(numerator);
  const Quotient quotient = divide(magnitude, static_cast<std::uint64_t>(denominator));
  const Real value = std::ldexp(static_cast<Real>(quotient.mantissa), -quotient.shift);
  return numerator < 0 ? -value : value;
}

}  // namespace

double nearest_double(std::int64_t numerator, std::int64_t denominator) {
  return nearest<double>(numerator, denominator);
}
float nearest_float(std::int64_t numerator, std::int64_t denominator) { return nearest<float>(numerator, denominator); }

}  // namespace cppstencils::kernel
