#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cppstencils/support/cache_options.hpp"
#include "cppstencils/support/export.hpp"

namespace cppstencils {

/// How much a machine gets done per second.
struct ThreadedRate {
  double one_thread = 0;
  /// All threads together.
  double all_threads = 0;
  bool operator==(const ThreadedRate&) const = default;
};

/// Operations per second on numbers of one type, in the widest vectors.
struct ArithmeticRates {
  /// Additions and multiplications, half of each.
  ThreadedRate additions;
  /// Zero where the processor cannot fuse.
  ThreadedRate fused_multiply_adds;
  ThreadedRate divisions;
  bool operator==(const ArithmeticRates&) const = default;
};

struct MemoryLevel {
  enum class Kind : std::uint8_t { l1_cache, l2_cache, l3_cache, main_memory };
  Kind kind = Kind::main_memory;
  /// What fits in: one core's share of an L1 or L2 cache, all of an L3 cache, 0 for main memory.
  std::int64_t bytes = 0;
  /// Bytes per second of the loop `to[i] = scalar * from[i]`, where an element that is stored counts twice, because the
  /// cache reads it before.
  ThreadedRate bandwidth;
  bool operator==(const MemoryLevel&) const = default;
};
CPPSTENCILS_EXPORT std::string_view to_string(MemoryLevel::Kind kind);

/// What this machine can do at best, measured.
struct MachineFigures {
  /// As the system calls it.
  std::string processor;
  /// How many threads "all" are: the processors that the measuring thread may use.
  int threads = 1;
  /// Nearest first; the last one is main memory.
  std::vector<MemoryLevel> levels;
  /// Of main memory with stores that pass by the caches, each element that is stored counted once. Zero where the
  /// processor has none.
  ThreadedRate streaming_bandwidth;
  ArithmeticRates float64;
  ArithmeticRates float32;
  bool operator==(const MachineFigures&) const = default;
};
CPPSTENCILS_EXPORT std::string to_string(const MachineFigures& machine);

/// The figures of this machine from the cache folder; measures and stores them where they are missing, damaged, or of
/// another processor or number of threads. Measuring takes about a third of a second and up to 256 MiB of memory. No
/// call of a kernel asks for them, only explanations do.
CPPSTENCILS_EXPORT MachineFigures machine_figures(const CacheOptions& cache = {});
/// Measures now, and stores nothing.
CPPSTENCILS_EXPORT MachineFigures measure_machine();

}  // namespace cppstencils
