#pragma once

#include <string>
#include <vector>

#include "effort.hpp"
#include "report/report.hpp"

namespace bench {

using Tables = std::vector<Table>;

/// From assignments to a callable: in process, through the host compiler, and from the disk cache in a new process.
Tables compile_latency(const Effort& effort);
/// What the child process of `compile_latency` does: times one compilation that hits the cache in `cache_directory`,
/// and prints microseconds. Returns the exit status.
int time_cached_compile(const std::string& kernel, const std::string& cache_directory);
/// Compile time of kernels of 100 to 20,000 operations, by stage.
Tables compile_scaling(const Effort& effort);
/// Calls on arrays of one inner cell, and what threads cost.
Tables call_overhead(const Effort& effort);
/// STREAM beside the library's own copies.
Tables stream(const Effort& effort);
/// All kernels of the suite against loops written by hand.
Tables throughput(const Effort& effort);
/// Rows of odd length with unaligned starts against aligned rows.
Tables rows(const Effort& effort);
/// Functions of kernels against those of the C library: speed and accuracy.
Tables math_functions(const Effort& effort);
/// Random numbers of kernels against the same generator by hand.
Tables random_numbers(const Effort& effort);
/// What stores past the caches gain in memory.
Tables memory_traffic(const Effort& effort);
/// What room between rows and components gains, and what rows of odd length cost.
Tables memory_layout(const Effort& effort);
/// What several threads gain between the sizes of the suite.
Tables threads(const Effort& effort);
/// Kernels that reduce arrays to a number against loops.
Tables reductions_of_arrays(const Effort& effort);
/// What tuning calls gains, and how long it takes.
Tables tuning(const Effort& effort);
/// All kernels of the suite on small, odd boxes: LlvmJit in all its variants against the interpreter, bit by bit.
Tables oracle(const Effort& effort);

/// The figures that the project wants to reach, from the tables of a run.
Table targets(const Tables& tables);

}  // namespace bench
