#pragma once

#include <cstdint>

#include "cppstencils/kernel/kernel_function.hpp"
#include "runtime/call_frame.hpp"
#include "runtime/prepared_kernel.hpp"

namespace cppstencils::runtime {

/// Number of cells begin, begin + step, ... below end.
constexpr std::int64_t cell_count(const CellRange& range, std::int64_t step) {
  return range.end <= range.begin ? 0 : (range.end - range.begin - 1) / step + 1;
}

enum class Box : std::uint8_t { empty, has_cells };

/// Writes the box of cells for arrays with these spatial extents to the frame. Throws ArgumentError (argument-size)
/// when a loop counter would overflow.
Box resolve_box(const PreparedKernel& kernel, const std::int64_t* extents, const CallFrame& frame);

/// Checks that every access of every cell in the frame's box, which has cells, is inside arrays with these spatial
/// extents. The check is exact: per axis the first cell at the least offset and the last cell at the greatest offset
/// are accessed and must exist. Throws ArgumentError (out-of-bounds).
void check_bounds(const PreparedKernel& kernel, const std::int64_t* extents, const CallFrame& frame);

}  // namespace cppstencils::runtime
