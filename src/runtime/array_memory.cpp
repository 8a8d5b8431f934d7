// Where the elements of owning arrays lie, and who writes them first.

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <new>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cppstencils/runtime/array.hpp"
#include "cppstencils/support/error.hpp"
#include "runtime/array_extents.hpp"
#include "runtime/processors.hpp"
#include "runtime/thread_pool.hpp"
#include "runtime/thread_use.hpp"
#include "runtime/wording.hpp"

namespace cppstencils::detail {

namespace {

constexpr std::int64_t line_bytes = 64;
constexpr std::int64_t page_bytes = 4096;
// The rest is measured: docs/design/0010-memory-layout.md.
constexpr std::int64_t least_padded_bytes = 512;
constexpr std::int64_t most_padding = 8;  // one part in so many
/// Arrays of this size come in fresh pages from the system.
constexpr std::int64_t large_bytes = std::int64_t{32} << 20;
constexpr std::int64_t least_huge_page_bytes = std::int64_t{4} << 20;
constexpr std::int64_t most_blocks = 1024;

std::int64_t times(std::int64_t a, std::int64_t b, std::span<const std::int64_t> extents) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) fail_size(extents);
  return product;
}

/// The distance in bytes that elements along a dimension get when everything inside of it takes `bytes`.
std::int64_t padded(std::int64_t bytes, bool is_index) {
  if (bytes < least_padded_bytes || bytes > std::numeric_limits<std::int64_t>::max() - page_bytes) return bytes;
  std::int64_t lines = (bytes + line_bytes - 1) / line_bytes;
  // An odd number of lines leads to every place of a page before it comes back to the first one.
  if (lines * line_bytes % page_bytes == 0 || (is_index && lines % 2 == 0)) ++lines;
  const std::int64_t result = lines * line_bytes;
  return result - bytes <= bytes / most_padding ? result : bytes;
}

int parts_of(const ArrayPlan& plan, std::int64_t element, std::optional<int> threads) {
  if (plan.span < large_bytes / element || threads == 1) return 1;
  const int most = std::min(threads ? *threads : runtime::available_processors(), runtime::thread_limit());
  return static_cast<int>(std::min<std::int64_t>(most, plan.slabs));
}

/// Kernels run in parts along their outermost loop, which is the slowest spatial dimension.
void set_slabs(ArrayPlan& plan, std::span<const std::int64_t> extents, const std::vector<int>& order, int axis) {
  plan.blocks = {0};
  plan.slab_stride = plan.span;
  plan.slabs = 1;
  if (axis < 0) return;
  std::vector<std::int64_t> blocks = {0};
  for (const int slower : order) {
    if (slower == axis) break;
    const auto place = static_cast<std::size_t>(slower);
    if (extents[place] > most_blocks / static_cast<std::int64_t>(blocks.size())) return;
    std::vector<std::int64_t> inner;
    for (const std::int64_t block : blocks) {
      for (std::int64_t i = 0; i < extents[place]; ++i) inner.push_back(block + i * plan.strides[place]);
    }
    blocks = std::move(inner);
  }
  plan.blocks = std::move(blocks);
  plan.slab_stride = plan.strides[static_cast<std::size_t>(axis)];
  plan.slabs = extents[static_cast<std::size_t>(axis)];
}

/// Fewer misses of the tables of pages; kernels go through many pages at once. No harm where the system refuses.
void ask_for_huge_pages([[maybe_unused]] std::byte* first, [[maybe_unused]] std::size_t bytes) {
#ifdef MADV_HUGEPAGE
  const std::size_t to_page = (page_bytes - reinterpret_cast<std::uintptr_t>(first) % page_bytes) % page_bytes;
  if (bytes > to_page) (void)::madvise(first + to_page, (bytes - to_page) / page_bytes * page_bytes, MADV_HUGEPAGE);
#endif
}

}  // namespace

ArrayPlan plan_array(std::span<const std::int64_t> extents, DType dtype, const ArrayOptions& options) {
  check_extents(extents);
  const auto rank = static_cast<int>(extents.size());
  if (options.index_rank < 0 || options.index_rank > rank) {
    throw ArgumentError({.code = ErrorCode::argument_rank,
                         .message = fmt::format("An array has {}, but {} of them should be index dimensions.",
                                                runtime::plural(extents.size(), "dimension"), options.index_rank)});
  }
  if (options.threads && *options.threads < 1) {
    throw ArgumentError({.code = ErrorCode::argument_size,
                         .message = fmt::format("An array cannot be written by {} threads.", *options.threads),
                         .hints = {"Set 'threads' to 1 or more, or leave it out to use all processors."}});
  }
  const int spatial_rank = rank - options.index_rank;
  const std::vector<int> order = options.layout.order(spatial_rank, options.index_rank);
  const auto element = static_cast<std::int64_t>(size_of(dtype));
  ArrayPlan plan;
  plan.strides.assign(extents.size(), 0);
  // A row is the fastest spatial dimension and everything inside of it.
  int row_axis = -1;
  int slowest_axis = -1;
  std::int64_t row_bytes = 0;
  std::int64_t bytes = element;
  for (std::size_t i = order.size(); i-- > 0;) {
    const auto axis = static_cast<std::size_t>(order[i]);
    const bool is_index = order[i] >= spatial_rank;
    if (options.padding == Padding::automatic && row_axis >= 0 && extents[axis] > 1) bytes = padded(bytes, is_index);
    plan.strides[axis] = bytes / element;
    bytes = times(bytes, std::max<std::int64_t>(extents[axis], 1), extents);
    if (is_index) continue;
    slowest_axis = order[i];
    if (row_axis >= 0) continue;
    row_axis = order[i];
    row_bytes = bytes;
  }
  if (bytes > std::numeric_limits<std::int64_t>::max() - page_bytes) fail_size(extents);
  plan.span = has_elements(extents) ? 1 : 0;
  for (std::size_t axis = 0; plan.span > 0 && axis < extents.size(); ++axis) {
    plan.span += (extents[axis] - 1) * plan.strides[axis];
  }
  if (options.padding == Padding::automatic && row_bytes >= least_padded_bytes) {
    const std::int64_t in_line = line_bytes / element;
    const std::int64_t first =
        options.ghost_layers % in_line * (plan.strides[static_cast<std::size_t>(row_axis)] % in_line);
    plan.lead = ((-first) % in_line + in_line) % in_line;
  }
  set_slabs(plan, extents, order, slowest_axis);
  return plan;
}

std::shared_ptr<void> allocate_zeroed(const ArrayPlan& plan, DType dtype, std::optional<int> threads) {
  const auto element = static_cast<std::int64_t>(size_of(dtype));
  const std::int64_t bytes = (plan.lead + plan.span) * element;
  // calloc gets fresh pages from the system without touching them: the thread that first writes a page places it.
  void* const memory = std::calloc(static_cast<std::size_t>(bytes + line_bytes), 1);
  if (memory == nullptr) throw std::bad_alloc();
  const std::shared_ptr<void> owner(memory, [](void* pointer) { std::free(pointer); });
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t to_line = (line_bytes - address % line_bytes) % line_bytes;
  auto* const first = static_cast<std::byte*>(memory) + to_line + static_cast<std::size_t>(plan.lead * element);
  if (bytes >= least_huge_page_bytes) ask_for_huge_pages(first, static_cast<std::size_t>(plan.span * element));
  if (parts_of(plan, element, threads) > 1) {
    write_in_parts(plan, dtype, threads, [&](std::int64_t begin, std::int64_t count) {
      volatile std::byte* const range = first + begin * element;
      for (std::int64_t byte = 0; byte < count * element; byte += page_bytes) range[byte] = std::byte{0};
    });
  }
  return {owner, first};
}

void write_in_parts(const ArrayPlan& plan, DType dtype, std::optional<int> threads,
                    const std::function<void(std::int64_t, std::int64_t)>& write) {
  const int parts = parts_of(plan, static_cast<std::int64_t>(size_of(dtype)), threads);
  if (parts == 1) return write(0, plan.span);
  runtime::ThreadPool::shared().run(static_cast<std::size_t>(parts), [&](std::size_t part) {
    const auto number = static_cast<std::int64_t>(part);
    const std::int64_t begin = plan.slabs * number / parts * plan.slab_stride;
    const std::int64_t end = plan.slabs * (number + 1) / parts * plan.slab_stride;
    for (const std::int64_t block : plan.blocks) {
      const std::int64_t first = block + begin;
      write(first, std::min(block + end, plan.span) - first);
    }
  });
}

}  // namespace cppstencils::detail
