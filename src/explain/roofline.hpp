#pragma once

#include "cppstencils/explain/explanation.hpp"

namespace cppstencils::explain {

Roofline roofline(const KernelExplanation& kernel, const MachineFigures& machine, StorePolicy stores,
                  std::int64_t working_set, int threads);

}  // namespace cppstencils::explain
