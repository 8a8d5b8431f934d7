#pragma once

#include <array>
#include <vector>

#include "cppstencils/kernel/create_kernel.hpp"

namespace cppstencils::kernel {

/// The cells to update, per dimension, and where they came from.
struct IterationSpace {
  std::vector<IterationRange> ranges;
  /// {lower, upper} per dimension; empty when a slice was given.
  std::vector<std::array<std::int64_t, 2>> ghost_layers;
};

/// Works out the cells to update for assignments of fields with `rank` spatial dimensions: from the slices, from the
/// given ghost layers, or from the largest offset of any access. Throws ConfigError.
IterationSpace iteration_space(const AssignmentList& assignments, const CreateKernelConfig& config, int rank);

}  // namespace cppstencils::kernel
