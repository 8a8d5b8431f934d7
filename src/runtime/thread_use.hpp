#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "cppstencils/kernel/create_kernel.hpp"
#include "cppstencils/runtime/executor.hpp"
#include "runtime/call_frame.hpp"
#include "runtime/partition.hpp"
#include "runtime/prepared_kernel.hpp"

namespace cppstencils::runtime {

/// The upper limit that CPPSTENCILS_THREADS sets, or a very large number. Throws ConfigError when it is no number of
/// threads.
int thread_limit();

/// How calls of a kernel use threads; worked out once per kernel.
struct ThreadUse {
  /// Reads CPPSTENCILS_THREADS. Throws ConfigError when that is no number of threads.
  ThreadUse(const ir::Kernel& kernel, const PreparedKernel& prepared, const CpuOptions& options);

  /// Null for the pool of the library.
  std::shared_ptr<Executor> executor;
  /// As configured; absent for as many as there are processors.
  std::optional<int> threads;
  /// From the environment; 1 where cells depend on each other.
  int limit = 0;
  std::size_t rank = 0;
  std::vector<int> loop_order;
  std::vector<std::int64_t> steps;
  /// A box with a smaller volume runs on the calling thread. A volume counts all coordinates, those between the steps
  /// too.
  std::int64_t least_volume = 0;
  double least_part_volume = 0;

  /// Whether `partition` has to be asked. Every call asks this, so it is only a product and a comparison.
  bool may_split(const CallFrame& frame) const {
    const std::int64_t* const begin = frame.begin();
    const std::int64_t* const end = frame.end();
    std::int64_t volume = end[0] - begin[0];
    bool overflow = false;
    for (std::size_t d = 1; d < rank; ++d) overflow |= __builtin_mul_overflow(volume, end[d] - begin[d], &volume);
    return overflow || volume >= least_volume;
  }
  /// The parts of a box that has cells.
  Partition partition(const CallFrame& frame) const;
};

/// How long one cell takes in compiled code with its arrays in cache, in nanoseconds; a rough guess.
double cell_time(const ir::Kernel& kernel);

}  // namespace cppstencils::runtime
