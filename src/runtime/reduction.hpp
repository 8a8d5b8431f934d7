#pragma once

#include <array>
#include <cstdint>

#include "cppstencils/jit/executable.hpp"
#include "cppstencils/runtime/executor.hpp"
#include "runtime/call_frame.hpp"
#include "runtime/prepared_kernel.hpp"

/// Calls of kernels that reduce values to numbers. The order in which values are combined is a function of the box of
/// cells alone, see docs/design/0013: the box is cut into tiles, the code combines the values of a tile in
/// accumulators, these are folded to one number, and the numbers of all tiles are combined as a balanced tree, last of
/// all with the number that the caller has passed.
namespace cppstencils::runtime {

/// How a box is cut into tiles: whole rows, or parts of long ones. Depends on the box alone.
class Tiles {
 public:
  /// `begin` and `end` are those of a box that has cells, and live as long as the object.
  Tiles(const PreparedKernel& kernel, const std::int64_t* begin, const std::int64_t* end);

  std::int64_t count() const { return count_; }
  /// The box of a tile; tiles follow each other as the loops do.
  void box(std::int64_t number, std::int64_t* begin, std::int64_t* end) const;

 private:
  const PreparedKernel& kernel_;
  const std::int64_t* begin_;
  const std::int64_t* end_;
  std::int64_t count_ = 1;
  // Per dimension: the extent of a tile, and how many of them there are.
  std::array<std::int64_t, max_array_rank> extents_ = {};
  std::array<std::int64_t, max_array_rank> counts_ = {};
};

/// Runs the code on the frame's box, which has cells, on `parts` threads at most, and combines what it gives into the
/// numbers of the reductions. Throws what `launch_parts` throws; the numbers are then what they were.
void launch_reduction(const EntryPoint& entry_point, const PreparedKernel& kernel, const CallFrame& frame,
                      std::int64_t parts, Executor* executor);

}  // namespace cppstencils::runtime
