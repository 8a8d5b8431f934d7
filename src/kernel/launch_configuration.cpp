#include "cppstencils/kernel/launch_configuration.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "cppstencils/support/error.hpp"
#include "ir/thread_axes.hpp"
#include "ir/tile_sizes.hpp"
#include "ir/tiles.hpp"

namespace cppstencils {

struct LaunchRule::Data {
  std::string kernel_name;
  int rank = 0;
  ThreadMapping mapping;
  std::vector<ir::ThreadAxis> axes;
  std::vector<ir::TileLoop> loops;

  bool has_tiles() const { return mapping.scheme == IndexingScheme::tiles; }
};

namespace {

using ir::ThreadAxis;
using ir::ThreadLoop;
using ir::ThreadSource;

constexpr std::int64_t warp = 32;
constexpr std::string_view axis_names = "xyz";

/// For positive numbers.
std::int64_t ceil_divide(std::int64_t value, std::int64_t divisor) { return (value - 1) / divisor + 1; }

/// The largest number instead of an overflow: that is beyond every limit, too.
std::int64_t saturating_product(std::int64_t a, std::int64_t b) {
  return a > std::numeric_limits<std::int64_t>::max() / b ? std::numeric_limits<std::int64_t>::max() : a * b;
}

std::int64_t cells_along(const ThreadLoop& loop, std::span<const CellRange> box) {
  const CellRange& range = box[static_cast<std::size_t>(loop.dimension)];
  return ceil_divide(range.end - range.begin, loop.step);
}

bool is_empty(std::span<const CellRange> box) {
  return std::ranges::any_of(box, [](const CellRange& range) { return range.end <= range.begin; });
}

std::size_t place(const ThreadAxis& axis) { return static_cast<std::size_t>(axis.axis); }

/// Blocks that the work along an axis asks for.
std::int64_t blocks_along(const ThreadAxis& axis, const ThreadMapping& mapping, std::span<const CellRange> box) {
  std::int64_t work = 1;
  for (const ThreadLoop& loop : axis.loops) {
    work = saturating_product(work, ceil_divide(cells_along(loop, box), loop.cells));
  }
  switch (axis.source) {
    case ThreadSource::threads_and_blocks:
      return ceil_divide(work, mapping.block[place(axis)]);
    case ThreadSource::blocks:
      return work;
    case ThreadSource::threads:
      return 1;
  }
  return 1;
}

void limit_gridstrided(std::array<std::int64_t, 3>& grid, const DeviceLimits& limits) {
  for (std::size_t i = 0; i < 3; ++i) grid[i] = std::min(grid[i], limits.grid[i]);
  if (!limits.gridstrided_blocks) return;
  std::int64_t others = saturating_product(grid[0], grid[1]);
  for (const std::size_t i : {2, 1, 0}) {
    grid[i] = std::min(grid[i], std::max<std::int64_t>(1, *limits.gridstrided_blocks / others));
    others = i == 2 ? grid[0] : 1;
  }
}

std::int64_t tile_count(const LaunchRule::Data& data, std::span<const CellRange> box) {
  std::vector<std::int64_t> begin;
  std::vector<std::int64_t> end;
  for (const CellRange& range : box) {
    begin.push_back(range.begin);
    end.push_back(range.end);
  }
  return ir::Tiles(data.loops, begin.data(), end.data()).count();
}

/// The configuration that the cells ask for; its grid may exceed the limits.
LaunchConfiguration wanted(const LaunchRule::Data& data, std::span<const CellRange> box, const DeviceLimits& limits) {
  CPPSTENCILS_CHECK(box.size() == static_cast<std::size_t>(data.rank), "A box has a range per loop dimension.");
  CPPSTENCILS_CHECK(!is_empty(box), "Only boxes with cells are launched.");
  LaunchConfiguration result;
  const bool is_blockwise = data.mapping.scheme == IndexingScheme::blockwise4d;
  for (std::size_t i = 0; i < 3; ++i) result.block[i] = is_blockwise ? 1 : data.mapping.block[i];
  for (const ThreadAxis& axis : data.axes) {
    if (axis.source == ThreadSource::threads) {
      const std::int64_t row = ceil_divide(cells_along(axis.loops.front(), box), warp) * warp;
      result.block[place(axis)] = std::min<std::int64_t>(data.mapping.block[place(axis)], row);
    } else {
      result.grid[place(axis)] = blocks_along(axis, data.mapping, box);
    }
  }
  if (data.has_tiles()) result.grid[0] = tile_count(data, box);
  if (ir::is_gridstrided(data.mapping.scheme)) limit_gridstrided(result.grid, limits);
  return result;
}

/// The first axis with more blocks than a grid may have, or null.
const ThreadAxis* axis_beyond(const LaunchRule::Data& data, const LaunchConfiguration& configuration,
                              const DeviceLimits& limits) {
  for (const ThreadAxis& axis : data.axes) {
    if (axis.source == ThreadSource::threads) continue;  // its blocks are those of another axis
    if (configuration.grid[place(axis)] > limits.grid[place(axis)]) return &axis;
  }
  return nullptr;
}

void check_block(const LaunchRule::Data& data, const LaunchConfiguration& configuration, const DeviceLimits& limits) {
  const auto& block = configuration.block;
  bool fits = block[0] * block[1] * block[2] <= limits.threads_per_block;
  for (std::size_t i = 0; i < 3; ++i) fits = fits && block[i] <= limits.block[i];
  if (fits) return;
  throw LaunchError(
      {.code = ErrorCode::launch_failed,
       .message = fmt::format("Kernel '{}' has blocks of {} threads, but this device launches at most {}.",
                              data.kernel_name, fmt::join(block, " x "), limits.threads_per_block),
       .hints = {"Set a smaller 'gpu.block_size'."}});
}

[[noreturn]] void fail_beyond(const LaunchRule::Data& data, const ThreadAxis& axis,
                              const LaunchConfiguration& configuration, const DeviceLimits& limits) {
  throw LaunchError(
      {.code = ErrorCode::launch_failed,
       .message = fmt::format("Kernel '{}' needs {} blocks along {} for these cells, but a launch has at most {}.",
                              data.kernel_name, configuration.grid[place(axis)], axis_names[place(axis)],
                              limits.grid[place(axis)]),
       .hints = {data.has_tiles() ? "Use several calls with parts of the arrays."
                                  : "Use several launches, or a grid-strided 'gpu.indexing_scheme'."}});
}

/// Halves the longest loop of the axis, between two units of work.
std::array<std::vector<CellRange>, 2> halves(const ThreadAxis& axis, std::span<const CellRange> box) {
  const auto longest = std::ranges::max_element(
      axis.loops, {}, [&](const ThreadLoop& loop) { return ceil_divide(cells_along(loop, box), loop.cells); });
  const auto d = static_cast<std::size_t>(longest->dimension);
  const std::int64_t units = ceil_divide(cells_along(*longest, box), longest->cells);
  std::array<std::vector<CellRange>, 2> result{std::vector(box.begin(), box.end()),
                                               std::vector(box.begin(), box.end())};
  const std::int64_t middle = box[d].begin + units / 2 * longest->cells * longest->step;
  result[0][d].end = middle;
  result[1][d].begin = middle;
  return result;
}

void add_launches(const LaunchRule::Data& data, std::span<const CellRange> box, const DeviceLimits& limits,
                  std::vector<Launch>& launches) {
  const LaunchConfiguration configuration = wanted(data, box, limits);
  check_block(data, configuration, limits);
  const ThreadAxis* beyond = axis_beyond(data, configuration, limits);
  if (beyond == nullptr) {
    launches.push_back({{box.begin(), box.end()}, configuration});
    return;
  }
  if (data.has_tiles()) fail_beyond(data, *beyond, configuration, limits);  // parts would be another order
  for (const std::vector<CellRange>& half : halves(*beyond, box)) add_launches(data, half, limits, launches);
}

// Expressions. Numbers that are 1 are left out.

std::string extent_text(const ThreadLoop& loop) { return fmt::format("end_{0} - begin_{0}", loop.dimension); }

std::string quotient(std::string dividend, bool is_sum, std::initializer_list<std::int64_t> divisors) {
  std::string divided;
  for (const std::int64_t divisor : divisors) {
    if (divisor != 1) divided += fmt::format(" / {}", divisor);
  }
  if (divided.empty()) return dividend;
  return is_sum ? fmt::format("ceil(({}){})", dividend, divided) : fmt::format("ceil({}{})", dividend, divided);
}

std::string units_text(const ThreadLoop& loop) { return quotient(extent_text(loop), true, {loop.step, loop.cells}); }

/// How many tiles `ir::Tiles` cuts a box into.
std::string tiles_text(const std::vector<ir::TileLoop>& loops) {
  std::vector<std::string> factors;
  std::string room = fmt::format("{}", ir::tile_cells);
  for (auto loop = loops.rbegin(); loop != loops.rend(); ++loop) {
    const ThreadLoop one{.dimension = loop->dimension, .step = loop->step};
    const std::string cells = loop->step == 1 ? fmt::format("({})", extent_text(one)) : units_text(one);
    factors.push_back(fmt::format("ceil({} / {})", cells, room));
    room = fmt::format("max(1, floor({} / {}))", room, cells);
    if (loop == loops.rbegin()) room = fmt::format("min({}, {})", ir::tile_rows, room);
  }
  return fmt::format("{}", fmt::join(factors, " * "));
}

std::string blocks_text(const ThreadAxis& axis, const ThreadMapping& mapping) {
  const std::int64_t threads = axis.source == ThreadSource::threads_and_blocks ? mapping.block[place(axis)] : 1;
  if (axis.loops.size() == 1) {
    const ThreadLoop& loop = axis.loops.front();
    return quotient(extent_text(loop), true, {loop.step, loop.cells, threads});
  }
  std::vector<std::string> factors;
  for (const ThreadLoop& loop : axis.loops) {
    const bool is_sum = loop.step == 1 && loop.cells == 1;
    factors.push_back(is_sum ? fmt::format("({})", extent_text(loop)) : units_text(loop));
  }
  return quotient(fmt::format("{}", fmt::join(factors, " * ")), false, {threads});
}

}  // namespace

LaunchRule::LaunchRule(const ir::Kernel& kernel, const ThreadMapping& mapping)
    : data_(std::make_shared<const Data>(
          Data{kernel.name, kernel.rank, mapping, ir::thread_axes(kernel, mapping), ir::tile_loops(kernel)})) {}

const ThreadMapping& LaunchRule::mapping() const { return data_->mapping; }

LaunchConfiguration LaunchRule::configuration(std::span<const CellRange> box, const DeviceLimits& limits) const {
  LaunchConfiguration result = wanted(*data_, box, limits);
  check_block(*data_, result, limits);
  if (const ThreadAxis* axis = axis_beyond(*data_, result, limits)) fail_beyond(*data_, *axis, result, limits);
  return result;
}

std::vector<Launch> LaunchRule::launches(std::span<const CellRange> box, const DeviceLimits& limits) const {
  std::vector<Launch> result;
  if (!is_empty(box)) add_launches(*data_, box, limits, result);
  return result;
}

LaunchConfiguration LaunchRule::with_grid(std::span<const CellRange> box, const std::array<std::int64_t, 3>& grid,
                                          const DeviceLimits& limits) const {
  if (data_->has_tiles()) {
    throw ArgumentError(
        {.code = ErrorCode::argument_size,
         .message = fmt::format("Kernel '{}' has reductions, and its grid has a block for each tile of its cells.",
                                data_->kernel_name),
         .hints = {"Give no grid."}});
  }
  LaunchConfiguration result = wanted(*data_, box, limits);
  check_block(*data_, result, limits);
  for (std::size_t i = 0; i < 3; ++i) {
    if (grid[i] < 1 || grid[i] > limits.grid[i]) {
      throw ArgumentError({.code = ErrorCode::argument_size,
                           .message = fmt::format("The grid of kernel '{}' has {} blocks along {}, but 1 to {} are "
                                                  "possible.",
                                                  data_->kernel_name, grid[i], axis_names[i], limits.grid[i])});
    }
    const bool is_used = std::ranges::any_of(
        data_->axes, [&](const ThreadAxis& axis) { return place(axis) == i && axis.source != ThreadSource::threads; });
    if (!is_used && grid[i] != 1) {
      throw ArgumentError(
          {.code = ErrorCode::argument_size,
           .message = fmt::format("The grid of kernel '{}' has {} blocks along {}, where it has no loop: each would "
                                  "update all cells.",
                                  data_->kernel_name, grid[i], axis_names[i]),
           .hints = {"Give one block there."}});
    }
    if (!ir::is_gridstrided(data_->mapping.scheme) && grid[i] < result.grid[i]) {
      throw ArgumentError(
          {.code = ErrorCode::argument_size,
           .message = fmt::format("The grid of kernel '{}' has {} blocks along {}, but its cells need {}.",
                                  data_->kernel_name, grid[i], axis_names[i], result.grid[i]),
           .hints = {"Give a larger grid, or use a grid-strided 'gpu.indexing_scheme'."}});
    }
  }
  result.grid = grid;
  return result;
}

std::vector<std::string> LaunchRule::work_items() const {
  std::vector<std::string> items(static_cast<std::size_t>(data_->rank));
  for (const ThreadAxis& axis : data_->axes) {
    for (const ThreadLoop& loop : axis.loops) {
      items[static_cast<std::size_t>(loop.dimension)] = quotient(extent_text(loop), true, {loop.step});
    }
  }
  return items;
}

std::array<std::string, 3> LaunchRule::grid() const {
  std::array<std::string, 3> result{"1", "1", "1"};
  if (data_->has_tiles()) return {tiles_text(data_->loops), "1", "1"};
  for (const ThreadAxis& axis : data_->axes) {
    if (axis.source == ThreadSource::threads) continue;
    result[place(axis)] = blocks_text(axis, data_->mapping);
    if (axis.is_strided) {
      result[place(axis)] = fmt::format("min({}, {})", DeviceLimits().grid[place(axis)], result[place(axis)]);
    }
  }
  return result;
}

std::array<std::string, 3> LaunchRule::block() const {
  std::array<std::string, 3> result;
  for (std::size_t i = 0; i < 3; ++i) result[i] = fmt::format("{}", data_->mapping.block[i]);
  for (const ThreadAxis& axis : data_->axes) {
    if (axis.source != ThreadSource::threads) continue;
    const ThreadLoop& loop = axis.loops.front();
    const std::string warps = quotient(extent_text(loop), true, {loop.step, warp});
    result[place(axis)] = fmt::format("min({}, {} * {})", data_->mapping.block[place(axis)], warp, warps);
  }
  return result;
}

}  // namespace cppstencils
