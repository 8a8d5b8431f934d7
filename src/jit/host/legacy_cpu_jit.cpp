#include "cppstencils/jit/legacy_cpu_jit.hpp"

#include <fmt/format.h>

#include "cppstencils/kernel/create_kernel.hpp"
#include "cppstencils/support/error.hpp"
#include "emit/ir_to_cpp.hpp"
#include "jit/host/host_engine.hpp"
#include "passes/pipeline.hpp"

namespace cppstencils {

struct LegacyCpuJit::State {
  explicit State(LegacyCpuJitOptions options) : engine(std::move(options)) {}
  jit::HostEngine engine;
};

LegacyCpuJit::LegacyCpuJit(LegacyCpuJitOptions options) : state_(std::make_shared<State>(std::move(options))) {}

LegacyCpuJit::~LegacyCpuJit() = default;

std::shared_ptr<Executable> LegacyCpuJit::build(const KernelFunction& kernel) {
  try {
    const std::string source =
        emit::ir_to_cpp(passes::optimize(kernel.kernel_ir(), {.inner_stride = InnerStride::unit}),
                        passes::optimize(kernel.kernel_ir(), {.inner_stride = InnerStride::any}));
    return state_->engine.build(kernel.name(), source, kernel.config().cpu.processor);
  } catch (Error& error) {
    error.add_note(fmt::format("While compiling kernel '{}'.", kernel.name()));
    throw;
  }
}

std::string LegacyCpuJit::compiler() const { return state_->engine.compiler().command().compiler(); }

}  // namespace cppstencils
