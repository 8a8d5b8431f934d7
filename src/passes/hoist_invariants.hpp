#pragma once

#include "cppstencils/ir/kernel.hpp"

namespace cppstencils::passes {

/// Moves what a loop does not change out of it: every Let, and every largest subexpression that is not trivial (see
/// is_trivial), goes to the outermost block in which its operands are known. Equal subexpressions share a variable.
/// Speculation is safe, because no operator can fail; loads stay in their block, only their positions move.
///
/// Takes kernels in any form with nested loops, one per block. Bits are preserved.
ir::Kernel hoist_invariants(const ir::Kernel& kernel);

}  // namespace cppstencils::passes
