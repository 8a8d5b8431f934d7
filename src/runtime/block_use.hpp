#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cppstencils/ir/kernel.hpp"
#include "runtime/call_frame.hpp"
#include "runtime/prepared_kernel.hpp"
#include "runtime/store_use.hpp"

namespace cppstencils::runtime {

/// A box that is run in blocks of rows across one dimension, one after the other. No result depends on it.
struct Blocks {
  int dimension = 0;
  /// The distance from the begin of one block to the next one; 0 for the whole box at once.
  std::int64_t stride = 0;
};

/// In which blocks calls of a kernel run; worked out once per kernel.
///
/// A stencil that reaches across the loop around the rows' own loop reads each element again one layer later. Blocks of
/// so few rows that the layers in reach stay in the processor's own cache make these reads cheap. Measured:
/// docs/design/0011-blocks-of-rows.md.
class BlockUse {
 public:
  /// `rows` is the user's choice, see `CpuOptions::block_rows`.
  BlockUse(const ir::Kernel& kernel, const PreparedKernel& prepared, std::optional<std::int64_t> rows,
           const CacheSizes& caches = cache_sizes());

  /// For a box that has cells.
  Blocks blocks(const CallFrame& frame) const;

 private:
  std::optional<std::int64_t> chosen_;
  int rows_dimension_ = 0;
  int row_dimension_ = 0;
  std::int64_t step_ = 1;
  /// Of all layers in reach, per cell of a layer; 0 where blocks gain nothing.
  double layer_bytes_ = 0;
  double cache_bytes_ = 0;
};

/// Runs the code on a box in blocks, in order, until one reports a fault, and returns that.
std::int32_t run_in_blocks(const EntryPoint& entry_point, const CppstencilsKernelArguments& arguments, std::size_t rank,
                           const std::int64_t* begin, const std::int64_t* end, const Blocks& blocks);

}  // namespace cppstencils::runtime
