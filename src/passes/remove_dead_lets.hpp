#pragma once

#include "cppstencils/ir/kernel.hpp"

namespace cppstencils::passes {

/// Removes the Let statements whose variable nothing uses, directly or through other variables, and numbers the
/// remaining variables densely in order of definition; the table of variables holds those and no others.
///
/// Takes any kernel. Bits are preserved.
ir::Kernel remove_dead_lets(const ir::Kernel& kernel);

}  // namespace cppstencils::passes
