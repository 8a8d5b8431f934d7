#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cppstencils/ir/kernel.hpp"
#include "cppstencils/ir/variant.hpp"
#include "cppstencils/jit/executable.hpp"

namespace cppstencils::testing {

/// How the arrays of a run lie in memory.
enum class StrideMode : std::uint8_t {
  /// Dense; the innermost loop dimension is the fastest.
  contiguous,
  /// Unit stride along the innermost loop; every other axis has gaps, some run backwards, their order is random.
  padded,
  /// Nothing is a neighbour in memory.
  spaced,
  /// Dense; another axis than the innermost loop dimension is the fastest (the same one where there is only one).
  transposed,
  /// Every axis runs backwards, with gaps.
  negative,
};
inline constexpr StrideMode all_stride_modes[] = {StrideMode::contiguous, StrideMode::padded, StrideMode::spaced,
                                                  StrideMode::transposed, StrideMode::negative};
std::string_view to_string(StrideMode mode);

enum class RandomValues : std::uint8_t {
  /// Ordinary numbers, and zeros now and then.
  ordinary,
  /// Also negative zeros, infinities, NaNs, subnormals and the ends of the integer ranges.
  with_special,
};

/// One array with everything around it. Memory outside the extents is filled as well, so that a stray write shows.
struct RunBuffer {
  std::vector<std::int64_t> extents;
  std::vector<std::int64_t> strides;
  /// The element with all coordinates zero, in elements from the start of the storage.
  std::int64_t origin = 0;
  std::int64_t element_count = 0;
  DType dtype = DType::float64;
  /// Storage, aligned for every element type.
  std::vector<std::uint64_t> words;

  std::byte* bytes() { return reinterpret_cast<std::byte*>(words.data()); }
  const std::byte* bytes() const { return reinterpret_cast<const std::byte*>(words.data()); }
};

/// All arguments of one run of a kernel. Copies are independent of each other.
struct RunInputs {
  std::vector<RunBuffer> buffers;
  std::vector<std::uint64_t> scalars;   // the value lies in the first bytes
  std::vector<RunBuffer> accumulators;  // one array per reduction
  std::vector<std::int64_t> begin;
  std::vector<std::int64_t> end;
};

/// Small random arrays with `random_kernel_ghost_layers` cells around the box.
RunInputs make_inputs(const ir::Kernel& kernel, std::uint64_t seed, StrideMode mode,
                      RandomValues values = RandomValues::with_special);

/// The variant that may run on these arrays: `unit` if every buffer has stride 1 along the innermost loop dimension.
ir::Variant best_variant(const ir::Kernel& kernel, const RunInputs& inputs);

/// Runs the kernel on the whole box of the inputs, or on a given one, and expects that it returns 0.
void run(RunInputs& inputs, EntryPoint entry_point);
void run(RunInputs& inputs, EntryPoint entry_point, const std::vector<std::int64_t>& begin,
         const std::vector<std::int64_t>& end);

/// Success if all arrays, memory around them included, and accumulators hold the same bits; a NaN is equal to every
/// NaN.
::testing::AssertionResult same_buffers(const ir::Kernel& kernel, const RunInputs& expected, const RunInputs& actual);
/// EXPECTs `same_buffers`.
void expect_same(const ir::Kernel& kernel, const RunInputs& expected, const RunInputs& actual);

}  // namespace cppstencils::testing
