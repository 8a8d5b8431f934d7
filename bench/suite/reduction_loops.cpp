#include "suite/reduction_loops.hpp"

#include <algorithm>
#include <cmath>

namespace bench::reduction_loops {

double sum(const double* u, const double*, std::int64_t count) {
  double result = 0;
  for (std::int64_t i = 0; i < count; ++i) result += u[i];
  return result;
}

double dot_product(const double* u, const double* v, std::int64_t count) {
  double result = 0;
  for (std::int64_t i = 0; i < count; ++i) result += u[i] * v[i];
  return result;
}

double largest_difference(const double* u, const double* v, std::int64_t count) {
  double result = 0;
  for (std::int64_t i = 0; i < count; ++i) result = std::max(result, std::abs(u[i] - v[i]));
  return result;
}

}  // namespace bench::reduction_loops
