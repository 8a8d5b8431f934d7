#pragma once

#include <array>
#include <vector>

#include "cppstencils/kernel/create_kernel.hpp"
#include "cppstencils/kernel/kernel_function.hpp"

namespace cppstencils {

struct KernelFunction::Data {
  CreateKernelConfig config;
  AssignmentList assignments;
  std::vector<Parameter> parameters;
  std::vector<IterationRange> iteration_ranges;
  std::vector<std::array<std::int64_t, 2>> ghost_layers;
  ir::Kernel kernel;
};

}  // namespace cppstencils
