#pragma once

#include <vector>

#include "cppstencils/ir/kernel.hpp"
#include "cppstencils/kernel/create_kernel.hpp"
#include "kernel/check_assignments.hpp"
#include "kernel/iteration_space.hpp"

namespace cppstencils::kernel {

/// Translates checked assignments into the IR: one loop per spatial dimension around Let statements, then Reduce and
/// then Store statements. Buffers, scalars and reductions are ordered by name. Throws TypeMismatch and ExpressionError.
ir::Kernel assignments_to_ir(const AssignmentList& assignments, const AssignmentFacts& facts,
                             const IterationSpace& space, ir::IterationOrder order, const CreateKernelConfig& config);

/// The parameters that a caller passes, in the order of the kernel's buffers, then scalars, then reductions.
std::vector<Parameter> parameters_of(const ir::Kernel& kernel, const AssignmentFacts& facts);

}  // namespace cppstencils::kernel
