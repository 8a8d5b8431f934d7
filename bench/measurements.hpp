#pragma once

#include <string>

#include "report.hpp"

namespace bench {

/// From assignments to a callable: in process, through the host compiler, and from the disk cache in a new process.
Table compile_latency(const std::string& program);
/// What the child process of `compile_latency` does: times one compilation that hits the cache in `cache_directory`,
/// and prints microseconds. Returns the exit status.
int time_cached_compile(const std::string& kernel, const std::string& cache_directory);
/// Calls on arrays of one inner cell.
Table call_overhead();
/// Run time against loops written by hand.
Table throughput();
/// Functions of kernels against those of the C library: speed and accuracy.
Table math_functions();
/// What stores past the caches gain in memory.
Table memory_traffic();
/// What room between rows and components gains, and what rows of odd length cost.
Table memory_layout();
/// What several threads gain, and what they cost.
Table threads();

}  // namespace bench
