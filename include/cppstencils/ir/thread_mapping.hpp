#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "cppstencils/support/export.hpp"

/// How the cells of a box are shared out among the threads of a GPU.
namespace cppstencils::ir {

/// Which cells a thread updates. x, y and z are the axes of blocks and of the grid; neighbouring threads lie along x.
enum class IndexingScheme : std::uint8_t {
  /// x runs along the innermost loop, y along the next one, z along all others together.
  linear3d,
  /// x runs along all loops together, so that no thread idles where rows are short.
  linear1d,
  /// As linear3d and linear1d, but threads go on in steps of the whole grid: a grid of any size updates every cell.
  gridstrided_linear3d,
  gridstrided_linear1d,
  /// The threads of a block walk along one row of the innermost loop; the grid runs along the other loops.
  blockwise4d,
  /// Each block computes a tile of the box: the scheme of all kernels with reductions, and of no others. Neither it nor
  /// its blocks can be chosen, since they decide about the order in which values are combined.
  tiles,
};
CPPSTENCILS_EXPORT std::string_view to_string(IndexingScheme scheme);

/// True for the schemes in which a grid of any size updates every cell.
constexpr bool is_gridstrided(IndexingScheme scheme) {
  return scheme == IndexingScheme::gridstrided_linear3d || scheme == IndexingScheme::gridstrided_linear1d;
}
/// True for the schemes with a single axis of threads and blocks.
constexpr bool is_linear1d(IndexingScheme scheme) {
  return scheme == IndexingScheme::linear1d || scheme == IndexingScheme::gridstrided_linear1d;
}

/// How many cells one thread updates at once. It first loads what all of them need, so that more loads are under way
/// at a time, and what several cells need only once.
struct CellsPerThread {
  /// Along the innermost loop, as far apart as a block has threads along x: neighbouring threads stay neighbours.
  int inner = 1;
  /// Neighbours along the outermost loop, of at least two loops. What two of them read is loaded once.
  int outer = 1;
  bool operator==(const CellsPerThread&) const = default;
};

/// Everything about indexing that is written into the code of a kernel.
struct ThreadMapping {
  IndexingScheme scheme = IndexingScheme::linear3d;
  /// Threads of a block along x, y, z. For blockwise4d the most along x; short rows take fewer.
  std::array<int, 3> block{256, 1, 1};
  CellsPerThread cells = {};
  bool operator==(const ThreadMapping&) const = default;
};

}  // namespace cppstencils::ir
