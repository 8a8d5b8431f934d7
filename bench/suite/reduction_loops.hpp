#pragma once

#include <cstdint>

/// What a careful programmer would write to reduce values, compiled by the build's compiler with -O3 -march=native
/// -ffast-math, which lets it reorder sums.
namespace bench::reduction_loops {

using Loop = double (*)(const double* u, const double* v, std::int64_t count);

double sum(const double* u, const double* v, std::int64_t count);
double dot_product(const double* u, const double* v, std::int64_t count);
double largest_difference(const double* u, const double* v, std::int64_t count);

}  // namespace bench::reduction_loops
