#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cppstencils/explain/machine.hpp"
#include "cppstencils/jit/executable.hpp"
#include "cppstencils/kernel/create_kernel.hpp"

namespace cppstencils {

/// Floating-point operations of one cell, on numbers of one type.
struct OperationCounts {
  /// Additions and subtractions.
  std::int64_t additions = 0;
  std::int64_t multiplications = 0;
  std::int64_t fused_multiply_adds = 0;
  std::int64_t divisions = 0;
  std::int64_t square_roots = 0;
  /// exp, sin, pow and so on.
  std::int64_t functions = 0;
  /// Comparisons, selections, minimum, maximum and rounding; no flops. Negation and absolute value are not counted.
  std::int64_t comparisons = 0;

  /// The usual count: a fused multiply-add is two, any other operation or function one.
  std::int64_t flops() const {
    return additions + multiplications + 2 * fused_multiply_adds + divisions + square_roots + functions;
  }
  bool operator==(const OperationCounts&) const = default;
};

/// How one cell uses an array. A stream is the array at one index (`f[x, y, q]` for one `q`): its neighbouring elements
/// are read for several cells, but come from memory once.
struct FieldTraffic {
  std::string name;
  DType dtype = DType::float64;
  /// Distinct elements that a cell reads and writes.
  int loads = 0;
  int stores = 0;
  /// Streams.
  int reads = 0;
  int writes = 0;
  /// Streams that are written and not read.
  int write_only = 0;
  bool operator==(const FieldTraffic&) const = default;
};

/// What a kernel asks of a machine, per updated cell.
///
/// Bytes assume streaming: every stream passes between memory and processor once per cell. That is the least that can
/// happen while the arrays do not fit into the caches; it is what happens when the caches hold the rows or layers that
/// the stencil reaches. Elements between the steps of an iteration slice, border cells and scalars do not count.
struct CPPSTENCILS_EXPORT KernelExplanation {
  std::string kernel;
  FpMode fp_mode = FpMode::strict;
  std::vector<FieldTraffic> fields;
  /// After optimisation, in the innermost loop.
  OperationCounts float64;
  OperationCounts float32;
  /// On integers, as in random numbers; no flops, and no part of a bound. Coordinates and positions, which are int64,
  /// do not count.
  std::int64_t integer_operations = 0;

  std::int64_t bytes_read() const;
  std::int64_t bytes_written() const;
  /// What the caches read only because a store goes through them: the streams that are written and not read. With
  /// stores past the caches, this remains for arrays that are read at another index.
  std::int64_t bytes_allocated(StorePolicy stores) const;
  /// Bytes to and from memory, with this way of storing.
  std::int64_t bytes(StorePolicy stores) const { return bytes_read() + bytes_written() + bytes_allocated(stores); }
  std::int64_t flops() const { return float64.flops() + float32.flops(); }
  /// Flops per byte.
  double intensity(StorePolicy stores) const {
    return static_cast<double>(flops()) / static_cast<double>(bytes(stores));
  }
};
CPPSTENCILS_EXPORT std::string to_string(const KernelExplanation& explanation);

/// What `BoundKernel::measure` has seen.
struct Measurement {
  std::int64_t calls = 0;
  std::int64_t cells = 0;
  /// Of one call.
  double median_seconds = 0;
  double least_seconds = 0;

  /// Cells per second, by the median.
  double rate() const { return median_seconds == 0 ? 0 : static_cast<double>(cells) / median_seconds; }
};

/// How fast a machine can be at best, in cells per second: by the memory that the arrays fit into, and by arithmetic.
/// Both are what a loop without anything else reaches, so no kernel gets much further; the memory of small arrays may
/// give a little more to a kernel that reads much and writes little.
struct Roofline {
  enum class Limit : std::uint8_t { memory, arithmetic };
  /// Where the arrays fit.
  MemoryLevel::Kind level = MemoryLevel::Kind::main_memory;
  /// Bytes per cell between that level and the processor, and bytes per second, with the threads of the call.
  std::int64_t bytes = 0;
  double bandwidth = 0;
  /// Cells per second; infinite without any operation. Functions and comparisons count as nothing.
  double memory_rate = 0;
  double arithmetic_rate = 0;

  Limit limit() const { return memory_rate <= arithmetic_rate ? Limit::memory : Limit::arithmetic; }
  double rate() const { return limit() == Limit::memory ? memory_rate : arithmetic_rate; }
};

/// What a bound call does, and how fast it could be.
struct CPPSTENCILS_EXPORT BoundExplanation {
  KernelExplanation kernel;
  std::vector<CellRange> box;
  std::int64_t cells = 0;
  /// Bytes of all elements that the call touches, borders aside.
  std::int64_t working_set = 0;
  /// The code that was chosen for the arrays; of no meaning without cells.
  Variant variant;
  /// One sentence per choice.
  std::vector<std::string> reasons;
  CodeDescription code;
  int threads = 1;
  std::string threads_reason;
  MachineFigures machine;
  Roofline bound;
  std::optional<Measurement> measurement;

  /// The measured rate as a part of the bound; empty when nothing was measured or there is no cell.
  std::optional<double> share_of_bound() const;
};
CPPSTENCILS_EXPORT std::string to_string(const BoundExplanation& explanation);

struct ExplainOptions {
  /// As returned by `BoundKernel::measure`.
  std::optional<Measurement> measurement = {};
  /// Empty for `machine_figures()`.
  std::optional<MachineFigures> machine = {};
};

}  // namespace cppstencils
