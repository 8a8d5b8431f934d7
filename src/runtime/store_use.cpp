#include "runtime/store_use.hpp"

#include <unistd.h>

#include <algorithm>
#include <limits>
#include <set>

#include "ir/traverse.hpp"

namespace cppstencils::runtime {

namespace {

constexpr std::uintptr_t line_bytes = 64;
constexpr std::int64_t mebibyte = std::int64_t{1} << 20;
constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

// The rest is measured: docs/design/0006-streaming-stores.md.
/// Of a shared cache. Others use it, too, and a virtual machine names that of the whole host.
constexpr std::int64_t most_kept_bytes = 96 * mebibyte;
/// The ends of short rows, which are no whole lines, cost more than the rest gains.
constexpr std::int64_t least_row_bytes = 256;

std::int64_t from_system(int name) { return std::max<std::int64_t>(::sysconf(name), 0); }

bool calls_functions(const ir::Kernel& kernel) {
  bool found = false;
  ir::ExprVisitor visit([&](const ir::Expr& expr) { found = found || ir::get_if<ir::Call>(expr) != nullptr; });
  for (const ir::Stmt& stmt : ir::cell_block(kernel)) {
    for (const ir::Expr& expr : ir::expressions(stmt)) visit(expr);
  }
  return found;
}

/// Of every element that a cell accesses; those at other offsets belong to other cells.
double accessed_bytes(const ir::Kernel& kernel) {
  std::set<std::pair<std::uint32_t, std::vector<std::int64_t>>> elements;
  double bytes = 0;
  for (const ir::AccessPattern& pattern : ir::access_patterns(kernel)) {
    if (!elements.emplace(pattern.buffer.value, pattern.index).second) continue;
    bytes += static_cast<double>(size_of(kernel.buffer(pattern.buffer).dtype));
  }
  return bytes;
}

}  // namespace

CacheSizes cache_sizes() {
  static const CacheSizes sizes{from_system(_SC_LEVEL2_CACHE_SIZE), from_system(_SC_LEVEL3_CACHE_SIZE)};
  return sizes;
}

std::int64_t kept_bytes(const CacheSizes& caches, std::int64_t threads) {
  constexpr std::int64_t usual = 32 * mebibyte;
  const std::int64_t shared = caches.shared == 0 ? usual : std::min(caches.shared, most_kept_bytes);
  return shared + threads * caches.own;
}

StoreUse::StoreUse(const ir::Kernel& kernel, const PreparedKernel& prepared, StreamingStores option,
                   const CacheSizes& caches)
    : option_(kernel.reductions.empty() ? option : StreamingStores::never),
      caches_(caches),
      rank_(prepared.ranges.size()),
      innermost_(static_cast<std::size_t>(prepared.innermost)),
      bytes_per_cell_(accessed_bytes(kernel)) {
  for (const PreparedBuffer& buffer : prepared.buffers) first_strides_.push_back(buffer.first_stride);
  for (const IterationRange& range : prepared.ranges) steps_.push_back(range.step);
  find_streams(kernel, prepared);
  switch (option_) {
    case StreamingStores::automatic:
      least_volume_ = static_cast<std::int64_t>(static_cast<double>(kept_bytes(caches, 1)) / bytes_per_cell_);
      if (element_size_ != 0) least_row_ = least_row_bytes / static_cast<std::int64_t>(element_size_);
      break;
    case StreamingStores::where_possible:
      break;
    case StreamingStores::never:
      streams_.clear();
      break;
  }
  if (streams_.empty()) least_volume_ = least_row_ = never;
}

void StoreUse::find_streams(const ir::Kernel& kernel, const PreparedKernel& prepared) {
  // Code for these does not mask the ends of rows, or is not in vectors.
  if (kernel.order == ir::IterationOrder::sequential || steps_[innermost_] != 1 || calls_functions(kernel)) return;
  for (const ir::AccessPattern& pattern : ir::access_patterns(kernel)) {
    const std::size_t buffer = pattern.buffer.value;
    if (pattern.access == ir::BufferAccess::read || prepared.buffers[buffer].access != ir::BufferAccess::write)
      continue;
    const std::size_t size = size_of(prepared.buffers[buffer].dtype);
    if (element_size_ != 0 && element_size_ != size) return streams_.clear();
    element_size_ = size;
    Stream stream{buffer, pattern.offsets};
    stream.offsets.insert(stream.offsets.end(), pattern.index.begin(), pattern.index.end());
    streams_.push_back(std::move(stream));
  }
}

ir::StorePolicy StoreUse::policy_of_large_call(const CallFrame& frame, std::int64_t threads) const {
  const bool pays = option_ == StreamingStores::where_possible ||
                    touched_bytes(frame) > static_cast<double>(kept_bytes(caches_, threads));
  return pays && reach_lines_together(frame) ? ir::StorePolicy::streaming : ir::StorePolicy::cached;
}

double StoreUse::touched_bytes(const CallFrame& frame) const {
  double bytes = bytes_per_cell_;
  for (std::size_t d = 0; d < rank_; ++d) {
    bytes *= static_cast<double>(frame.end()[d] - frame.begin()[d]) / static_cast<double>(steps_[d]);
  }
  return bytes;
}

// Two buffers that share elements are the same array: everything else has been refused.
bool StoreUse::has_other_name(const CallFrame& frame, std::size_t buffer) const {
  for (std::size_t other = 0; other < first_strides_.size(); ++other) {
    if (other != buffer && frame.data()[other] == frame.data()[buffer]) return true;
  }
  return false;
}

std::uintptr_t StoreUse::address(const CallFrame& frame, const Stream& stream) const {
  const std::int64_t* const strides = frame.strides() + first_strides_[stream.buffer];
  std::uintptr_t elements = 0;
  for (std::size_t axis = 0; axis < stream.offsets.size(); ++axis) {
    const std::int64_t first = axis < rank_ ? frame.begin()[axis] : 0;
    elements += static_cast<std::uintptr_t>(strides[axis]) * static_cast<std::uintptr_t>(first + stream.offsets[axis]);
  }
  return reinterpret_cast<std::uintptr_t>(frame.data()[stream.buffer]) + element_size_ * elements;
}

std::uintptr_t StoreUse::distance(const CallFrame& frame, const Stream& stream, std::size_t dimension) const {
  const std::int64_t stride = frame.strides()[first_strides_[stream.buffer] + dimension];
  return element_size_ * static_cast<std::uintptr_t>(stride) * static_cast<std::uintptr_t>(steps_[dimension]);
}

bool StoreUse::reach_lines_together(const CallFrame& frame) const {
  const Stream& first = streams_.front();
  for (const Stream& stream : streams_) {
    if (has_other_name(frame, stream.buffer)) return false;
    if ((address(frame, stream) - address(frame, first)) % line_bytes != 0) return false;
    if (stream.buffer == first.buffer) continue;
    for (std::size_t d = 0; d < rank_; ++d) {
      const bool moves = frame.end()[d] - frame.begin()[d] > steps_[d];
      if (moves && (distance(frame, stream, d) - distance(frame, first, d)) % line_bytes != 0) return false;
    }
  }
  return true;
}

}  // namespace cppstencils::runtime
