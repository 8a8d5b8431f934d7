#include "explain/roofline.hpp"

#include <algorithm>
#include <limits>

namespace cppstencils::explain {

namespace {

double rate_of(const ThreadedRate& rate, int threads, const MachineFigures& machine) {
  if (threads >= machine.threads) return rate.all_threads;
  return std::min(rate.one_thread * threads, rate.all_threads);
}

std::int64_t capacity(const MemoryLevel& level, int threads) {
  switch (level.kind) {
    case MemoryLevel::Kind::l1_cache:
    case MemoryLevel::Kind::l2_cache:
      return level.bytes * threads;
    case MemoryLevel::Kind::l3_cache:
      return level.bytes;
    case MemoryLevel::Kind::main_memory:
      break;
  }
  return std::numeric_limits<std::int64_t>::max();
}

/// Seconds that parts of a core need for one cell. They work side by side, so the slowest one counts.
struct CellTime {
  double pipelines = 0;
  double fusing_pipelines = 0;
  double divider = 0;

  void add(const OperationCounts& counts, const ArithmeticRates& rates, int threads, const MachineFigures& machine) {
    const auto add_to = [&](double& time, std::int64_t operations, const ThreadedRate& rate) {
      const double per_second = rate_of(rate, threads, machine);
      if (operations > 0 && per_second > 0) time += static_cast<double>(operations) / per_second;
    };
    add_to(pipelines, counts.additions + counts.multiplications + counts.fused_multiply_adds, rates.additions);
    add_to(fusing_pipelines, counts.fused_multiply_adds, rates.fused_multiply_adds);
    add_to(divider, counts.divisions + counts.square_roots, rates.divisions);
  }
  double slowest() const { return std::max({pipelines, fusing_pipelines, divider}); }
};

}  // namespace

Roofline roofline(const KernelExplanation& kernel, const MachineFigures& machine, StorePolicy stores,
                  std::int64_t working_set, int threads) {
  Roofline result;
  const bool past_caches = stores == StorePolicy::streaming && machine.streaming_bandwidth.one_thread > 0;
  const auto fits = [&](const MemoryLevel& level) { return working_set <= capacity(level, threads); };
  const MemoryLevel& level =
      past_caches ? machine.levels.back() : *std::find_if(machine.levels.begin(), machine.levels.end() - 1, fits);
  result.level = level.kind;
  result.bytes = kernel.bytes(past_caches ? StorePolicy::streaming : StorePolicy::cached);
  result.bandwidth = rate_of(past_caches ? machine.streaming_bandwidth : level.bandwidth, threads, machine);
  CellTime time;
  time.add(kernel.float64, machine.float64, threads, machine);
  time.add(kernel.float32, machine.float32, threads, machine);
  result.memory_rate = result.bandwidth / static_cast<double>(result.bytes);
  const double infinity = std::numeric_limits<double>::infinity();
  result.arithmetic_rate = time.slowest() == 0 ? infinity : 1 / time.slowest();
  return result;
}

}  // namespace cppstencils::explain
