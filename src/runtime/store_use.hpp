#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "cppstencils/ir/variant.hpp"
#include "cppstencils/kernel/create_kernel.hpp"
#include "runtime/call_frame.hpp"
#include "runtime/prepared_kernel.hpp"

namespace cppstencils::runtime {

/// In bytes; 0 where the system does not say.
struct CacheSizes {
  /// The largest one that a processor has for itself.
  std::int64_t own = 0;
  /// The one that processors share.
  std::int64_t shared = 0;
};

/// Of this machine; asked for once.
CacheSizes cache_sizes();

/// How much of what a call touches is in the caches when the next call begins, at most.
std::int64_t kept_bytes(const CacheSizes& caches, std::int64_t threads);

/// Whether calls of a kernel store past the caches; worked out once per kernel.
class StoreUse {
 public:
  StoreUse(const ir::Kernel& kernel, const PreparedKernel& prepared, StreamingStores option,
           const CacheSizes& caches = cache_sizes());

  /// What a cell accesses and others do not.
  double bytes_per_cell() const { return bytes_per_cell_; }
  /// For a call with unit inner strides on a box that has cells.
  ir::StorePolicy policy(const CallFrame& frame, std::int64_t threads) const {
    return may_stream(frame) ? policy_of_large_call(frame, threads) : ir::StorePolicy::cached;
  }

 private:
  /// Elements that cells write and do not read: their coordinates relative to the cell, spatial ones first.
  struct Stream {
    std::size_t buffer = 0;
    std::vector<std::int64_t> offsets;
  };

  void find_streams(const ir::Kernel& kernel, const PreparedKernel& prepared);
  // Every call asks this, so it is only a product and two comparisons.
  bool may_stream(const CallFrame& frame) const {
    const std::int64_t* const begin = frame.begin();
    const std::int64_t* const end = frame.end();
    if (end[innermost_] - begin[innermost_] < least_row_) return false;
    std::int64_t volume = end[0] - begin[0];
    bool overflow = false;
    for (std::size_t d = 1; d < rank_; ++d) overflow |= __builtin_mul_overflow(volume, end[d] - begin[d], &volume);
    return overflow || volume >= least_volume_;
  }
  ir::StorePolicy policy_of_large_call(const CallFrame& frame, std::int64_t threads) const;
  double touched_bytes(const CallFrame& frame) const;
  bool has_other_name(const CallFrame& frame, std::size_t buffer) const;
  std::uintptr_t address(const CallFrame& frame, const Stream& stream) const;
  /// From one cell to the next along a dimension.
  std::uintptr_t distance(const CallFrame& frame, const Stream& stream, std::size_t dimension) const;
  bool reach_lines_together(const CallFrame& frame) const;

  StreamingStores option_;
  CacheSizes caches_;
  std::size_t rank_;
  std::size_t innermost_;
  std::vector<std::int64_t> steps_;
  /// Position of the first stride of each buffer in the frame.
  std::vector<std::size_t> first_strides_;
  /// Empty where nothing can be streamed. All elements have one size.
  std::vector<Stream> streams_;
  std::size_t element_size_ = 0;
  double bytes_per_cell_ = 0;
  std::int64_t least_volume_ = 0;
  std::int64_t least_row_ = 0;
};

}  // namespace cppstencils::runtime
