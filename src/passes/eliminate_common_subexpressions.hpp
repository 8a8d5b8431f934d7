#pragma once

#include "cppstencils/ir/kernel.hpp"

namespace cppstencils::passes {

/// Computes equal values once. After it, every value of the cell block that is not trivial (see is_trivial) and used
/// more than once is bound by a Let, placed before its first use; equal means structurally equal, looking through
/// variables, where the operands of commutative operators may be swapped.
///
/// A Let of the kernel stays and keeps its name, unless its value is trivial or has an earlier Let; those are replaced
/// by what they stand for. Takes kernels before lower_accesses, in which a cell reads everything before it writes
/// anything, so that equal loads are equal values. Takes time linear in the size of the kernel. Bits are preserved.
ir::Kernel eliminate_common_subexpressions(const ir::Kernel& kernel);

}  // namespace cppstencils::passes
