#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "cppstencils/jit/executable.hpp"
#include "cppstencils/runtime/executor.hpp"
#include "runtime/block_use.hpp"
#include "runtime/call_frame.hpp"
#include "runtime/partition.hpp"

namespace cppstencils::runtime {

/// Runs the parts 0 to parts - 1, at most 1024, on the executor or, where that is null, on the pool of the library.
/// `run_part` gives the status of the code. What it does wrong is reported as if the parts had run one after the other:
/// the fault or exception of the first part that has one is thrown when all parts are done. Throws LaunchError when the
/// executor did not run every part once.
void run_parts(std::int64_t parts, const std::function<std::int32_t(std::int64_t)>& run_part, Executor* executor,
               const std::string& kernel_name);

/// Runs the code on the parts of the frame's box, each in blocks, as `run_parts` does.
void launch_parts(const EntryPoint& entry_point, const CallFrame& frame, std::size_t rank, const Partition& partition,
                  const Blocks& blocks, Executor* executor, const std::string& kernel_name);

}  // namespace cppstencils::runtime
