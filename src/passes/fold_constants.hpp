#pragma once

#include "cppstencils/ir/kernel.hpp"

namespace cppstencils::passes {

/// Computes operators on literals and removes operations that cannot change a bit.
///
/// Folds with ir/arithmetic.hpp, so as the kernel would compute at run time; a NaN becomes the quiet NaN with no
/// payload. Math functions of the C library are never folded. Variables bound to literals are replaced by them.
/// Identities are those that hold for every value, signed zeros, infinities and NaN included:
///   x * 1, x / 1, x + -0.0, x - 0.0 are x; x * -1, x / -1 and -0.0 - x are -x; -(-x) is x; a + -b is a - b and so on;
///   x / c is x * (1/c) where c is a power of two with a normal reciprocal; signs move into literal factors;
///   fused_multiply_add with a factor of 1 or -1 or the addend -0.0;
///   for integers also x + 0, x * 0, x - x, x == x and their like;
///   select with a literal condition or equal branches; logical operators with a literal; not(not(x)).
/// x + 0.0 stays, because it turns -0.0 into 0.0, and so does x * 0.0.
///
/// Takes any kernel. Leaves Let statements in place, dead ones too. Bits are preserved.
ir::Kernel fold_constants(const ir::Kernel& kernel);

}  // namespace cppstencils::passes
