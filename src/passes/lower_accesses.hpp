#pragma once

#include "cppstencils/ir/kernel.hpp"
#include "cppstencils/ir/variant.hpp"

namespace cppstencils::passes {

/// Turns Load and Store into ElementLoad and ElementStore. Emitters may rely on the shape of the positions. With `i`
/// the LoopIndex of the innermost loop, a position is
///   InnerStride::unit   row + i   or  row + (i + c)   with an int64 literal c: add(row, add(i, c))
///   InnerStride::any    row + i * Stride(buffer, axis of i): add(row, multiply(i, stride))
/// where `row` is a Variable, defined by a Let outside the innermost loop; it is absent where it would be zero.
/// A buffer without an axis for i has the position row, or the literal 0.
///
/// So every access costs at most one addition in the innermost loop, which an addressing mode can absorb. Accesses of
/// one buffer whose coordinates differ only along i share a row in the unit variant; all rows of a buffer are one row
/// plus an offset that no loop changes, for hoist_invariants to move out of the loops:
///   let u_row = y * u.stride[0]
///   let u_row = u_row + u.stride[0] * -1
///
/// Takes kernels that have not been lowered, with at least one loop. Bits are preserved.
ir::Kernel lower_accesses(const ir::Kernel& kernel, const ir::Variant& variant);

}  // namespace cppstencils::passes
