#pragma once

#include "cppstencils/ir/kernel.hpp"

namespace cppstencils::emit {

/// The lowered kernel with the whole sum in its Reduce statements: the value so far, which is a variable behind the
/// kernel's own ones, combined with the value of the cell.
ir::Kernel accumulating(const ir::Kernel& kernel);

}  // namespace cppstencils::emit
