#include "runtime/block_use.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace cppstencils::runtime {

namespace {

constexpr std::int64_t usual_cache = std::int64_t{1} << 20;
/// Blocks of fewer rows would read too much at their borders.
constexpr std::int64_t least_rows = 8;

}  // namespace

BlockUse::BlockUse(const ir::Kernel& kernel, const PreparedKernel& prepared, std::optional<std::int64_t> rows,
                   const CacheSizes& caches)
    : chosen_(rows) {
  const std::size_t loops = prepared.loop_order.size();
  if (loops < 3 || kernel.order == ir::IterationOrder::sequential) {
    chosen_ = 0;
    return;
  }
  row_dimension_ = prepared.loop_order[loops - 1];
  rows_dimension_ = prepared.loop_order[loops - 2];
  const auto layers = static_cast<std::size_t>(prepared.loop_order[loops - 3]);
  step_ = prepared.ranges[static_cast<std::size_t>(rows_dimension_)].step;
  // Layers in reach, per array at one index.
  std::map<std::pair<std::uint32_t, std::vector<std::int64_t>>, OffsetRange> streams;
  for (const ir::AccessPattern& pattern : ir::access_patterns(kernel)) {
    streams[{pattern.buffer.value, pattern.index}].include(pattern.offsets[layers]);
  }
  double bytes = 0;
  bool reaches = false;
  for (const auto& [stream, offsets] : streams) {
    const std::int64_t count = offsets.greatest - offsets.least + 1;
    reaches = reaches || count > 1;
    bytes += static_cast<double>(count) * static_cast<double>(size_of(kernel.buffers[stream.first].dtype));
  }
  if (reaches) layer_bytes_ = bytes;
  cache_bytes_ = static_cast<double>(caches.own == 0 ? usual_cache : caches.own);
}

Blocks BlockUse::blocks(const CallFrame& frame) const {
  if (chosen_) {
    std::int64_t stride = 0;
    return __builtin_mul_overflow(*chosen_, step_, &stride) ? Blocks() : Blocks{rows_dimension_, stride};
  }
  const auto extent = [&](int dimension) {
    const auto d = static_cast<std::size_t>(dimension);
    return static_cast<double>(frame.end()[d]) - static_cast<double>(frame.begin()[d]);
  };
  // All cells count, also those between the steps: they are in the same lines or rows.
  const double row_bytes = layer_bytes_ * extent(row_dimension_);
  if (row_bytes * extent(rows_dimension_) <= cache_bytes_) return {};
  // Half of the cache, because layers come and go, or all of it for long rows.
  const std::int64_t rows = std::max(static_cast<std::int64_t>(cache_bytes_ / 2 / row_bytes), least_rows);
  if (static_cast<double>(rows) * row_bytes > cache_bytes_) return {};
  return {rows_dimension_, std::max<std::int64_t>(rows / step_, 1) * step_};
}

std::int32_t run_in_blocks(const EntryPoint& entry_point, const CppstencilsKernelArguments& arguments, std::size_t rank,
                           const std::int64_t* begin, const std::int64_t* end, const Blocks& blocks) {
  if (blocks.stride == 0) return entry_point.function(&arguments, begin, end);
  const auto d = static_cast<std::size_t>(blocks.dimension);
  std::array<std::int64_t, max_array_rank> block_begin;
  std::array<std::int64_t, max_array_rank> block_end;
  std::copy_n(begin, rank, block_begin.data());
  std::copy_n(end, rank, block_end.data());
  for (;;) {
    // Asking for the rest, and not for begin + stride < end, cannot overflow.
    const bool is_last = end[d] - block_begin[d] <= blocks.stride;
    block_end[d] = is_last ? end[d] : block_begin[d] + blocks.stride;
    const std::int32_t status = entry_point.function(&arguments, block_begin.data(), block_end.data());
    if (status != 0 || is_last) return status;
    block_begin[d] = block_end[d];
  }
}

}  // namespace cppstencils::runtime
