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
  const CompiledKernel::State& compiled = *state_->compiled;
  if (compiled.on_device != nullptr) return compiled.on_device->assembly();
  return compiled.entry_points->executable()->assembly(state_->variant);
}

std::string CompiledKernel::assembly(Variant variant) const {
  if (state_->on_device != nullptr) return state_->on_device->assembly();
  return state_->entry_points->executable()->assembly(variant);
}

}  // namespace cppstencils
