#include "kernel/gpu_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "cppstencils/support/error.hpp"
#include "ir/thread_axes.hpp"
#include "ir/traverse.hpp"

namespace cppstencils::kernel {
namespace {

constexpr std::array max_block{1024, 1024, 64};
constexpr int max_threads = 1024;
/// Code and registers grow with the number of cells.
constexpr int max_cells = 16;

[[noreturn]] void fail(std::string message, std::string hint) {
  throw ConfigError({.code = ErrorCode::invalid_config, .message = std::move(message), .hints = {std::move(hint)}});
}

void check_cells(std::string_view name, int cells) {
  if (cells >= 1 && cells <= max_cells) return;
  fail(fmt::format("'gpu.cells_per_thread.{}' is {}, but 1 to {} are possible.", name, cells, max_cells),
       "Leave it unset for a number that fits the kernel.");
}

/// The number of axes along which a block of the scheme has threads.
std::size_t thread_axis_count(IndexingScheme scheme, std::size_t loops) {
  switch (scheme) {
    case IndexingScheme::linear3d:
    case IndexingScheme::gridstrided_linear3d:
      return std::min<std::size_t>(loops, 3);
    case IndexingScheme::linear1d:
    case IndexingScheme::gridstrided_linear1d:
    case IndexingScheme::blockwise4d:
    case IndexingScheme::tiles:
      return 1;
  }
  return 1;
}

/// Kernels with reductions have one mapping, since it decides about the order in which values are combined.
ir::ThreadMapping reduction_mapping(const ir::Kernel& kernel, const GpuOptions& options) {
  const auto refuse = [&](std::string_view option) {
    fail(fmt::format("'gpu.{}' is set, but kernel '{}' has reductions: a block of {} threads computes a tile of its "
                     "cells, so that the result does not depend on options.",
                     option, kernel.name, ir::reduction_lanes),
         fmt::format("Leave 'gpu.{}' unset.", option));
  };
  if (options.indexing_scheme != GpuOptions().indexing_scheme && options.indexing_scheme != IndexingScheme::tiles) {
    refuse("indexing_scheme");
  }
  if (options.block_size) refuse("block_size");
  if (options.cells_per_thread) refuse("cells_per_thread");
  if (options.launch_grid == LaunchGrid::manual) refuse("launch_grid");
  return {.scheme = IndexingScheme::tiles, .block = {ir::reduction_lanes, 1, 1}, .cells = {}};
}

/// How much memory the reads of a cell touch anew as the cells go on: every array and component once.
struct CellReads {
  std::size_t bytes = 0;
  /// Some lie beside the cell along the outermost loop.
  bool reach_outwards = false;
};

CellReads cell_reads(const ir::Kernel& kernel) {
  CellReads reads;
  const auto outermost = static_cast<std::size_t>(ir::loop_nest(kernel).front()->dimension);
  std::set<std::pair<std::uint32_t, std::vector<std::int64_t>>> streams;
  for (const ir::AccessPattern& pattern : ir::access_patterns(kernel)) {
    if (pattern.access != ir::BufferAccess::read) continue;
    if (outermost < pattern.offsets.size() && pattern.offsets[outermost] != 0) reads.reach_outwards = true;
    if (!streams.emplace(pattern.buffer.value, pattern.index).second) continue;
    reads.bytes += size_of(kernel.buffer(pattern.buffer).dtype);
  }
  return reads;
}

/// Rows are whole lines of memory; rows above each other share what they read. Threads that hold much take many
/// registers, which a device gives out to whole blocks: small blocks leave fewer of them idle.
std::array<int, 3> default_block(std::size_t thread_axes, const CellReads& reads) {
  constexpr std::size_t many_bytes = 64;
  const bool is_small = reads.bytes > many_bytes;
  switch (thread_axes) {
    case 1:
      return {is_small ? 128 : 256, 1, 1};
    case 2:
      return {is_small ? 64 : 128, 2, 1};
    default:
      return {64, is_small ? 2 : 4, 1};
  }
}

bool has_axis_for_innermost(IndexingScheme scheme) {
  return scheme == IndexingScheme::linear3d || scheme == IndexingScheme::gridstrided_linear3d;
}

/// Operations of a cell, roughly: what several cells in a row cost in code and registers.
std::size_t operation_count(const ir::Kernel& kernel) {
  constexpr std::size_t call_weight = 100;  // of the arithmetic of a math function
  std::size_t count = 0;
  ir::ExprVisitor visit([&](const ir::Expr& expr) {
    if (ir::get_if<ir::Call>(expr) != nullptr) count += call_weight;
    if (!ir::children(expr).empty()) ++count;
  });
  ir::for_each_stmt(kernel.body, [&](const ir::Stmt& stmt) {
    for (const ir::Expr& expr : ir::expressions(stmt)) visit(expr);
  });
  return count;
}

/// As many cells as keep 32 bytes of new data per thread under way, at most 4: fully occupied, that is more than the
/// memory of current devices needs, and little enough for the registers. Cells with much to compute keep a thread
/// busy alone.
CellsPerThread default_cells(const ir::Kernel& kernel, IndexingScheme scheme, const CellReads& reads) {
  constexpr std::size_t wanted_bytes = 32;
  constexpr std::size_t most = 4;
  constexpr std::size_t most_operations = 200;
  CellsPerThread cells;
  if (reads.bytes == 0) return cells;
  const std::size_t operations = operation_count(kernel);
  const auto fits = [&](std::size_t n) {
    return n * reads.bytes <= wanted_bytes && n <= most && n * operations <= most_operations;
  };
  std::size_t count = 1;
  while (fits(2 * count)) count *= 2;
  const bool has_inner = has_axis_for_innermost(scheme);
  if (ir::loop_nest(kernel).size() > 1 && (reads.reach_outwards || !has_inner)) {
    cells.outer = static_cast<int>(count);
  } else if (has_inner) {
    cells.inner = static_cast<int>(count);
  }
  return cells;
}

}  // namespace

void check_gpu_options(const GpuOptions& options) {
  if (options.cells_per_thread) {
    check_cells("inner", options.cells_per_thread->inner);
    check_cells("outer", options.cells_per_thread->outer);
    if (options.cells_per_thread->inner * options.cells_per_thread->outer > max_cells) {
      fail(fmt::format("'gpu.cells_per_thread' is {} x {}, but a thread updates at most {} cells at once.",
                       options.cells_per_thread->inner, options.cells_per_thread->outer, max_cells),
           "Leave it unset for a number that fits the kernel.");
    }
    if (options.cells_per_thread->inner > 1 && !has_axis_for_innermost(options.indexing_scheme)) {
      fail(
          fmt::format("'gpu.cells_per_thread.inner' is {}, but {} has no axis of threads for the innermost loop alone.",
                      options.cells_per_thread->inner, to_string(options.indexing_scheme)),
          "Set 'outer' instead, or use 'linear3d'.");
    }
  }
  if (!options.block_size) return;
  const std::array<int, 3>& block = *options.block_size;
  std::int64_t threads = 1;
  for (std::size_t i = 0; i < block.size(); ++i) {
    if (block[i] < 1 || block[i] > max_block[i]) {
      fail(fmt::format("'gpu.block_size' is {}, but a block has 1 to {} threads along {}.", fmt::join(block, " x "),
                       max_block[i], "xyz"[i]),
           "Use sizes such as 64 x 4 x 1.");
    }
    threads *= block[i];
  }
  if (threads > max_threads) {
    fail(fmt::format("'gpu.block_size' is {}, which are {} threads, but a block has at most {}.",
                     fmt::join(block, " x "), threads, max_threads),
         "Use sizes such as 64 x 4 x 1.");
  }
}

ir::ThreadMapping thread_mapping(const ir::Kernel& kernel, const GpuOptions& options) {
  if (!kernel.reductions.empty()) return reduction_mapping(kernel, options);
  if (options.indexing_scheme == IndexingScheme::tiles) {
    fail(fmt::format("'gpu.indexing_scheme' is tiles, but kernel '{}' has no reductions.", kernel.name),
         "Use 'linear3d'.");
  }
  const std::size_t loops = ir::loop_nest(kernel).size();
  const std::size_t axes = thread_axis_count(options.indexing_scheme, loops);
  const CellReads reads = cell_reads(kernel);
  ir::ThreadMapping mapping;
  mapping.scheme = options.indexing_scheme;
  mapping.block = options.block_size.value_or(default_block(axes, reads));
  for (std::size_t i = axes; i < mapping.block.size(); ++i) {
    if (mapping.block[i] == 1) continue;
    fail(fmt::format("'gpu.block_size' is {}, but {} has no loop along {} here.", fmt::join(mapping.block, " x "),
                     to_string(mapping.scheme), "xyz"[i]),
         "Set that size to 1.");
  }
  mapping.cells = options.cells_per_thread.value_or(default_cells(kernel, mapping.scheme, reads));
  if (mapping.cells.outer > 1 && loops == 1) {
    fail(fmt::format("'gpu.cells_per_thread.outer' is {}, but the kernel has one loop.", mapping.cells.outer),
         "Set 'inner' instead.");
  }
  return mapping;
}

}  // namespace cppstencils::kernel
