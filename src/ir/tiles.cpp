#include "ir/tiles.hpp"

#include <algorithm>
#include <cstddef>

#include "cppstencils/support/error.hpp"
#include "ir/thread_axes.hpp"
#include "ir/tile_sizes.hpp"

namespace cppstencils::ir {

std::vector<TileLoop> tile_loops(const Kernel& kernel) {
  std::vector<TileLoop> loops;
  for (const Loop* loop : loop_nest(kernel)) loops.push_back({loop->dimension, loop->step});
  return loops;
}

Tiles::Tiles(std::span<const TileLoop> loops, const std::int64_t* begin, const std::int64_t* end)
    : loops_(loops), begin_(begin), end_(end) {
  CPPSTENCILS_CHECK(loops.size() <= most_loops, "A kernel has few loops.");
  // What a tile may still take of the next loop, innermost first.
  std::int64_t room = tile_cells;
  for (auto loop = loops.rbegin(); loop != loops.rend(); ++loop) {
    const auto d = static_cast<std::size_t>(loop->dimension);
    const std::int64_t cells = (end[d] - begin[d] - 1) / loop->step + 1;
    const std::int64_t taken = std::min(cells, room);
    counts_[d] = (cells - 1) / taken + 1;
    extents_[d] = taken * loop->step;
    count_ *= counts_[d];
    room = taken == cells ? room / taken : 1;
    if (loop == loops.rbegin()) room = std::min(room, tile_rows);
  }
}

void Tiles::box(std::int64_t number, std::int64_t* begin, std::int64_t* end) const {
  for (auto loop = loops_.rbegin(); loop != loops_.rend(); ++loop) {
    const auto d = static_cast<std::size_t>(loop->dimension);
    const std::int64_t place = number % counts_[d];
    number /= counts_[d];
    begin[d] = begin_[d] + place * extents_[d];
    end[d] = place + 1 == counts_[d] ? end_[d] : begin[d] + extents_[d];
  }
}

}  // namespace cppstencils::ir
