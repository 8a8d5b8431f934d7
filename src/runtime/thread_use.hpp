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

/// How calls of a kernel use threads; worked out once per kernel.
struct ThreadUse {
  /// Reads CPPSTENCILS_THREADS. Throws ConfigError when that is no number of threads.
  ThreadUse(const ir::Kernel& kernel, const PreparedKernel& prepared, const CpuOptions& options);

  /// Null for the pool of the library.
  std::shared_ptr<Executor> executor;
  /// As configured; absent for as many as there are processors.
  std::optional<int> threads;
  /// From the environment.
  int limit = 0;
  std::vector<int> loop_order;
  std::vector<std::int64_t> steps;
  /// Boxes that are smaller run on the calling thread. A volume counts the coordinates, those between the steps too.
  double least_volume = 0;
  double least_part_volume = 0;

  /// What every call asks, so it is only a product and a comparison.
  bool may_split(const CallFrame& frame) const {
    double volume = 1;
    for (std::size_t d = 0; d < steps.size(); ++d) volume *= static_cast<double>(frame.end()[d] - frame.begin()[d]);
    return volume >= least_volume;
  }
  /// The parts of a box for which `may_split` is true.
  Partition partition(const CallFrame& frame) const;
};

/// How long one cell takes in compiled code with its arrays in cache, in nanoseconds; a rough guess.
double cell_time(const ir::Kernel& kernel);

}  // namespace cppstencils::runtime
