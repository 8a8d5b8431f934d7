#pragma once

#include <cstdint>
#include <vector>

#include "cppstencils/ir/kernel.hpp"

namespace cppstencils::passes {

/// The cells that are computed together: how far each lies from the first one, per loop dimension.
using CellGroup = std::vector<std::vector<std::int64_t>>;

/// A kernel whose innermost body updates all cells of a group. Everything is computed before anything is stored, so the
/// cells must be independent. Its loops are those of the kernel, which visit every cell: whoever runs the body must
/// see to it that each cell is updated once.
///
/// Takes kernels that have not been lowered. Bits are preserved.
ir::Kernel unroll_cells(const ir::Kernel& kernel, const CellGroup& group);

}  // namespace cppstencils::passes
