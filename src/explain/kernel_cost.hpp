#pragma once

#include "cppstencils/explain/explanation.hpp"

namespace cppstencils::explain {

/// What a cell of a kernel, as it was created, costs.
KernelExplanation explain_kernel(const ir::Kernel& kernel);

}  // namespace cppstencils::explain
