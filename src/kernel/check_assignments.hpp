#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cppstencils/kernel/create_kernel.hpp"

namespace cppstencils::kernel {

/// What the checks find out about the assignments of a kernel.
struct AssignmentFacts {
  /// All fields, ordered by name.
  std::vector<std::shared_ptr<const sym::FieldInfo>> fields;
  /// Number of spatial dimensions, the same for all fields.
  int rank = 0;
  /// Spatial dimensions from the slowest to the fastest, the same for all fields.
  std::vector<int> loop_order;
  /// Symbols that no assignment defines or reduces into, ordered by name.
  std::vector<Expr> free_symbols;
  /// Symbols that values are reduced into, ordered by name.
  std::vector<std::string> reductions;
};

/// Checks that the assignments form a kernel:
///  * at least one field is written, or one read and one value reduced;
///  * one name stands for one field or symbol; all fields share rank, spatial layout and fixed shape;
///  * every symbol is defined once and before it is read; one that values are reduced into is not read.
/// Throws ConstraintError or TypeMismatch.
AssignmentFacts check_assignments(const AssignmentList& assignments);

/// Checks names and types among the options. Throws ConfigError.
void check_config(const CreateKernelConfig& config);

}  // namespace cppstencils::kernel
