#pragma once

#include "cppstencils/ir/kernel.hpp"

namespace cppstencils::passes {

/// Replaces floating-point divisions by multiplications with a reciprocal, which rounds twice:
///   x / c by x * (1/c) where c is a literal and 1/c a normal number,
///   x / y by x * (1/y) where y is the same for all cells, or several divisions of a cell divide by y.
/// Equal reciprocals are equal expressions; later passes compute them once.
///
/// Takes kernels before lower_accesses, with fp_mode fast.
ir::Kernel relax_divisions(const ir::Kernel& kernel);

}  // namespace cppstencils::passes
