#pragma once

#include "cppstencils/ir/kernel.hpp"

namespace cppstencils::passes {

/// Shortens long chains of floating-point additions and subtractions, which wait for one another, to trees. The terms
/// keep their order and are cut into groups of four; a group stays a chain, so that products in it can still be fused,
/// and the groups are added pairwise. Chains of up to eight terms, and trees that are no deeper already, stay.
/// A sum that is used several times is a term of its own.
///
/// Takes kernels before lower_accesses, with fp_mode fast. The result is rounded differently.
ir::Kernel balance_sums(const ir::Kernel& kernel);

}  // namespace cppstencils::passes
