#pragma once

#include <cstdint>

/// How large tiles are, see `Tiles`. Part of the results: another number gives other bits.
namespace cppstencils::ir {

/// Cells of a tile, so many that a call of the code costs nothing beside them.
inline constexpr std::int64_t tile_cells = 16384;
/// Rows of a tile. An accumulator takes a few values of each, one after the other.
inline constexpr std::int64_t tile_rows = 256;

}  // namespace cppstencils::ir
