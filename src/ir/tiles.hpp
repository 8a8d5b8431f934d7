#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "cppstencils/ir/kernel.hpp"

namespace cppstencils::ir {

/// A loop of a kernel with reductions.
struct TileLoop {
  int dimension = 0;
  std::int64_t step = 1;
};
/// The loops of a kernel before or after lowering, outermost first.
std::vector<TileLoop> tile_loops(const Kernel& kernel);

/// How a box is cut into tiles, whose values are combined to one number each: whole rows, or parts of long ones. CPUs
/// and GPUs cut alike: it is a part of the results. Depends on the loops and the box alone.
class Tiles {
 public:
  /// `begin` and `end` are those of a box that has cells; all arguments live as long as the object. Loops are given
  /// outermost first.
  Tiles(std::span<const TileLoop> loops, const std::int64_t* begin, const std::int64_t* end);

  std::int64_t count() const { return count_; }
  /// The box of a tile; tiles follow each other as the loops do.
  void box(std::int64_t number, std::int64_t* begin, std::int64_t* end) const;

  /// Tiles along a dimension, and how far their begins are apart.
  std::int64_t count_along(int dimension) const { return counts_[static_cast<std::size_t>(dimension)]; }
  std::int64_t extent_along(int dimension) const { return extents_[static_cast<std::size_t>(dimension)]; }

 private:
  static constexpr std::size_t most_loops = 16;

  std::span<const TileLoop> loops_;
  const std::int64_t* begin_;
  const std::int64_t* end_;
  std::int64_t count_ = 1;
  // Per dimension.
  std::array<std::int64_t, most_loops> extents_ = {};
  std::array<std::int64_t, most_loops> counts_ = {};
};

}  // namespace cppstencils::ir
