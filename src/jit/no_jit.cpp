#include "cppstencils/jit/no_jit.hpp"

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"

namespace cppstencils {

NoJit::~NoJit() = default;

std::shared_ptr<Executable> NoJit::build(const KernelFunction& kernel) {
  throw UnsupportedError(
      {.code = ErrorCode::jit_disabled,
       .message = fmt::format("Compiling kernel '{}' is explicitly disabled by its JIT 'no_jit'.", kernel.name()),
       .hints = {"Create the kernel with another 'jit' in its configuration, or call 'compile' of a JIT yourself."}});
}

const std::shared_ptr<NoJit> no_jit = std::make_shared<NoJit>();

}  // namespace cppstencils
