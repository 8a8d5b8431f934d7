#pragma once

#include "cppstencils/ir/kernel.hpp"
#include "cppstencils/ir/variant.hpp"

namespace cppstencils::passes {

/// Runs the list of passes in `pipeline.cpp` on a kernel as created; the result is what every back end takes:
/// element loads and stores only, nothing invariant left in a loop.
ir::Kernel optimize(const ir::Kernel& kernel, const ir::Variant& variant);

}  // namespace cppstencils::passes
