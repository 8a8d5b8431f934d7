#pragma once

#include <cstdint>
#include <span>

#include "cppstencils/kernel/kernel_function.hpp"

namespace cppstencils::runtime {

/// A box that is cut into parts across one dimension. The cuts are the same every time: they depend on the box and on
/// the number of parts, and every part begins on the grid of steps.
struct Partition {
  std::int64_t parts = 1;
  /// The dimension that is cut, and the box there.
  int dimension = 0;
  CellRange whole;
  /// The distance from the begin of one part to the next one.
  std::int64_t stride = 0;

  /// The range of the part in `dimension`; in all others it is that of the box.
  CellRange part(std::int64_t number) const {
    const std::int64_t begin = whole.begin + number * stride;
    return {begin, number + 1 == parts ? whole.end : begin + stride};
  }
};

/// Cuts a box that has cells into at most `parts` parts, fewer where that takes no longer. The outermost loop is cut if
/// that gives parts of about one size, else the next one.
Partition split(const std::int64_t* begin, const std::int64_t* end, std::span<const std::int64_t> steps,
                std::span<const int> loop_order, std::int64_t parts);

}  // namespace cppstencils::runtime
