#pragma once

#include <cstdint>
#include <vector>

#include "cppstencils/cppstencils.hpp"
#include "lbm/update_rule.hpp"

/// Walls half-way between the outermost fluid cells and one layer of ghost cells around them.
namespace lbm {

/// The side of the domain where the ghost cells lie: one entry of -1, 0, 1 per dimension. {0, 1} is the upper wall of a
/// square, {-1, -1} its lower left corner.
using Side = std::vector<int>;

/// The ghost cells of a side.
inline std::vector<cs::Slice> ghost_cells(const Side& side) {
  std::vector<cs::Slice> slices;
  for (const int s : side) slices.push_back(s < 0 ? cs::Slice::at(0) : s > 0 ? cs::Slice::at(-1) : cs::Slice{1, -1});
  return slices;
}

/// Half-way bounce-back: what left the fluid cell towards the wall is put into the ghost cell so that the next
/// streaming brings it back with the opposite direction, plus the momentum that a wall with `velocity` hands over.
template <class L>
cs::AssignmentList bounce_back(const L& lattice, const cs::Field& populations, const Side& side,
                               const std::vector<cs::Expr>& velocity) {
  cs::AssignmentList list;
  for (int q = 1; q < L::directions; ++q) {
    // Only directions that lead from the ghost cells of this side into the fluid.
    bool inward = true;
    for (int d = 0; d < L::dimensions; ++d) inward &= side[d] == 0 || lattice.velocity[q][d] == -side[d];
    if (!inward) continue;
    const std::vector<std::int64_t> fluid_cell(lattice.velocity[q].begin(), lattice.velocity[q].end());
    list.add(cs::assign(populations.center()(q), populations.at(fluid_cell)(lattice.opposite[q]) +
                                                     6 * weight(lattice, q) * projection(lattice, q, velocity)));
  }
  return list;
}

}  // namespace lbm
