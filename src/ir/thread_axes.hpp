#pragma once

#include <cstdint>
#include <vector>

#include "cppstencils/ir/kernel.hpp"
#include "cppstencils/ir/thread_mapping.hpp"

namespace cppstencils::ir {

/// A loop of a kernel as threads see it.
struct ThreadLoop {
  int dimension = 0;
  std::int64_t step = 1;
  /// Cells that one thread updates at once along this loop, and how many cells lie between two of them.
  int cells = 1;
  int distance = 1;
  bool operator==(const ThreadLoop&) const = default;
};

/// What numbers the work along an axis.
enum class ThreadSource : std::uint8_t { threads_and_blocks, threads, blocks };

/// One axis of threads or blocks and the loops that it runs along.
struct ThreadAxis {
  /// 0, 1, 2 for x, y, z.
  int axis = 0;
  ThreadSource source = ThreadSource::threads_and_blocks;
  /// A thread goes on in steps of all that the axis has.
  bool is_strided = false;
  /// Innermost first; at least one.
  std::vector<ThreadLoop> loops;
};

/// The axes of a kernel in a mapping, that of the innermost loop first. Together they have every loop once.
/// The only place that knows the schemes; the code of a kernel and its launch both follow it.
std::vector<ThreadAxis> thread_axes(const Kernel& kernel, const ThreadMapping& mapping);

/// The loops of a kernel before or after lowering, outermost first.
std::vector<const Loop*> loop_nest(const Kernel& kernel);

}  // namespace cppstencils::ir
