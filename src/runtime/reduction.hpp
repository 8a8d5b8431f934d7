#pragma once

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

/// Runs the code on the frame's box, which has cells, on `parts` threads at most, and combines what it gives into the
/// numbers of the reductions. Throws what `launch_parts` throws; the numbers are then what they were.
void launch_reduction(const EntryPoint& entry_point, const PreparedKernel& kernel, const CallFrame& frame,
                      std::int64_t parts, Executor* executor);

}  // namespace cppstencils::runtime
