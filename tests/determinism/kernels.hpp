#pragma once

#include <string>
#include <vector>

#include "cppstencils/cppstencils.hpp"

namespace cppstencils::testing {

/// Kernels that use every part of the library at least once.
std::vector<KernelFunction> sample_kernels(Target target = Target::cpu);

/// Everything that the library prints about them, and their code for GPUs.
std::string all_texts(const std::vector<KernelFunction>& kernels);

}  // namespace cppstencils::testing
