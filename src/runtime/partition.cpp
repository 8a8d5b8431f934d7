#include "runtime/partition.hpp"

#include "runtime/bounds.hpp"

namespace cppstencils::runtime {

namespace {

/// Cuts of rows keep the vectors of all parts as well aligned as those of the first one.
constexpr std::int64_t row_granule = 64;

constexpr std::int64_t ceiling(std::int64_t dividend, std::int64_t divisor) { return (dividend - 1) / divisor + 1; }

}  // namespace

Partition split(const std::int64_t* begin, const std::int64_t* end, std::span<const std::int64_t> steps,
                std::span<const int> loop_order, std::int64_t parts) {
  Partition best;
  double least_share = 2;  // of the cells that the largest part has
  for (const int dimension : loop_order) {
    const CellRange whole{begin[dimension], end[dimension]};
    const std::int64_t step = steps[static_cast<std::size_t>(dimension)];
    const std::int64_t cells = cell_count(whole, step);
    std::int64_t largest = ceiling(cells, parts);
    const bool is_row = dimension == loop_order.back();
    if (is_row && largest >= 8 * row_granule) largest = ceiling(largest, row_granule) * row_granule;
    const double share = static_cast<double>(largest) / static_cast<double>(cells);
    if (share < least_share) {
      best = {ceiling(cells, largest), dimension, whole, largest * step};
      least_share = share;
    }
    if (share * static_cast<double>(parts) <= 1.125) break;
  }
  return best;
}

}  // namespace cppstencils::runtime
