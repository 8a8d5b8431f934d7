#pragma once

#include <vector>

#include "cppstencils/kernel/create_kernel.hpp"

namespace cppstencils::kernel {

/// Checks what the cells of the iteration space do to each other:
///  * no element is written twice, by one cell or by two (unless allow_double_writes);
///  * no cell reads an element that another cell writes (unless skip_independence_check).
/// Exact for what the ranges say: cells that are always in the same layer, or never neighbours because of the step, do
/// not meet. Returns `sequential` when a check was switched off and would have failed. Throws ConstraintError.
ir::IterationOrder check_independence(const AssignmentList& assignments, const std::vector<IterationRange>& ranges,
                                      const CreateKernelConfig& config);

}  // namespace cppstencils::kernel
