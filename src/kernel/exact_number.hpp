#pragma once

#include <cstdint>

namespace cppstencils::kernel {

/// The double and the float nearest to numerator/denominator, ties to even. The denominator is positive.
double nearest_double(std::int64_t numerator, std::int64_t denominator);
float nearest_float(std::int64_t numerator, std::int64_t denominator);

}  // namespace cppstencils::kernel
