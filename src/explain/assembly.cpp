#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "runtime/bound_kernel_state.hpp"
#include "runtime/compiled_kernel_state.hpp"

namespace cppstencils {

std::string BoundKernel::assembly() const {
  if (state_->contents == runtime::Box::empty) {
    throw UnsupportedError({.code = ErrorCode::unsupported,
                            .message = fmt::format("The bound kernel '{}' has no cell to update, so no code was chosen "
                                                   "for it.",
                                                   state_->kernel_name),
                            .hints = {"Ask the compiled kernel for the code of a variant instead."}});
  }
  return state_->compiled->entry_points.executable()->assembly(state_->variant);
}

std::string CompiledKernel::assembly(Variant variant) const {
  return state_->entry_points.executable()->assembly(variant);
}

}  // namespace cppstencils
