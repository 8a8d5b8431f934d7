#pragma once

#include "cppstencils/ir/kernel.hpp"

namespace cppstencils::passes {

/// Turns a product and a sum or difference into one fused_multiply_add:
///   a*b + c and c + a*b  become  fused_multiply_add(a, b, c)
///   a*b - c              becomes fused_multiply_add(a, b, -c)
///   c - a*b              becomes fused_multiply_add(-a, b, c)
/// A sum of two products fuses the right one if it may, else the left one. -(a*b) counts as a product. A negation goes
/// into a literal factor where there is one, cancels one that is there, or else stands in front of the first factor.
///
/// Only a product that is used once in the cell block is fused: one that is used again, or bound to a variable, is
/// computed anyway. Only within one expression: a variable is not replaced by its product.
///
/// Takes kernels before lower_accesses, with fp_mode contract or fast. The result rounds less often.
ir::Kernel contract_multiply_adds(const ir::Kernel& kernel);

}  // namespace cppstencils::passes
