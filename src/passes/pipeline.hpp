#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cppstencils/ir/kernel.hpp"
#include "cppstencils/ir/variant.hpp"
#include "passes/unroll_cells.hpp"

namespace cppstencils::passes {

/// Runs the list of passes in `pipeline.cpp` on a kernel as created; the result is what every back end takes:
/// element loads and stores only, nothing invariant left in a loop. The result is verified.
ir::Kernel optimize(const ir::Kernel& kernel, const ir::Variant& variant);

/// As `optimize`, for code that updates all cells of a group at once: every cell gets the bits that it gets alone. All
/// that decides about bits runs before the cells are put together.
ir::Kernel optimize(const ir::Kernel& kernel, const ir::Variant& variant, const CellGroup& group);

/// One row of the list.
struct Pass {
  std::string_view name;
  ir::Kernel (*run)(const ir::Kernel& kernel, const ir::Variant& variant);
  /// The pass is for kernels of this mode.
  bool (*when)(ir::FpMode mode);
};

/// The list, in the order in which the passes run.
std::span<const Pass> pass_list();

struct PassTrace {
  std::string_view name;
  /// The kernel after the pass.
  std::string ir;
  double milliseconds = 0;
};

/// Does what `optimize` does, verifies after every pass, and records those passes that changed the kernel.
std::vector<PassTrace> trace(const ir::Kernel& kernel, const ir::Variant& variant);

}  // namespace cppstencils::passes
