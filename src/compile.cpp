// The whole library at one glance: how assignments become a kernel, and how a kernel becomes a callable.

#include <fmt/format.h>

#include "cppstencils/cppstencils.hpp"
#include "emit/ir_to_cpp.hpp"
#include "emit/ir_to_device.hpp"
#include "ir/verify.hpp"
#include "kernel/assignments_to_ir.hpp"
#include "kernel/check_assignments.hpp"
#include "kernel/check_independence.hpp"
#include "kernel/gpu_options.hpp"
#include "kernel/iteration_space.hpp"
#include "kernel/kernel_function_data.hpp"
#include "passes/pipeline.hpp"

namespace cppstencils {

// sym, field -> kernel -> ir
KernelFunction create_kernel(const AssignmentList& assignments, const CreateKernelConfig& config) {
  try {
    kernel::check_config(config);
    const kernel::AssignmentFacts facts = kernel::check_assignments(assignments);
    kernel::IterationSpace space = kernel::iteration_space(assignments, config, facts.rank);
    const ir::IterationOrder order = kernel::check_independence(assignments, space.ranges, config);
    ir::Kernel kernel_ir = kernel::assignments_to_ir(assignments, facts, space, order, config);
    ir::verify(kernel_ir, "assignments_to_ir");
    if (is_gpu(config.target)) {
      emit::check_device_kernel(kernel_ir, to_string(config.target));
      kernel::thread_mapping(kernel_ir, config.gpu);  // which finds out whether the options fit
    }
    std::vector<Parameter> parameters = kernel::parameters_of(kernel_ir, facts);
    return KernelFunction(std::make_shared<const KernelFunction::Data>(
        KernelFunction::Data{config, assignments, std::move(parameters), std::move(space.ranges),
                             std::move(space.ghost_layers), std::move(kernel_ir)}));
  } catch (Error& error) {
    error.add_note(fmt::format("While creating kernel '{}'.", config.function_name));
    throw;
  }
}

namespace {

emit::DeviceText device_text(const KernelFunction& kernel, emit::Dialect dialect) {
  return emit::ir_to_device(
      kernel.kernel_ir(),
      {.dialect = dialect, .mapping = kernel.launch_configuration().mapping(), .inner_stride = InnerStride::unit});
}

}  // namespace

// ir -> passes -> emit, as text
std::string KernelFunction::source() const {
  switch (config().target) {
    case Target::cpu:
      break;
    case Target::cuda:
      return device_text(*this, emit::Dialect::cuda).text;
    case Target::hip:
      return device_text(*this, emit::Dialect::hip).text;
  }
  return emit::ir_to_cpp(passes::optimize(kernel_ir(), {.inner_stride = InnerStride::unit}),
                         passes::optimize(kernel_ir(), {.inner_stride = InnerStride::any}));
}

namespace {

// Compiles in process where this build can, else with the host's compiler. Never destroyed: kernels in static objects
// may outlive every other static object, and LLVM must not be torn down before them.
JitBase& default_cpu_jit() {
  static JitBase& jit = LlvmJit::unavailable_reason().empty() ? static_cast<JitBase&>(*new LlvmJit())
                                                              : static_cast<JitBase&>(*new LegacyCpuJit());
  return jit;
}

// Likewise. Looks for NVRTC and a GPU when it compiles for the first time.
JitBase& default_gpu_jit() {
  static JitBase& jit = *new LegacyGpuJit();
  return jit;
}

JitBase& default_jit(Target target) {
  switch (target) {
    case Target::cpu:
      return default_cpu_jit();
    case Target::cuda:
      return default_gpu_jit();
    case Target::hip:
      throw UnsupportedError(
          {.code = ErrorCode::unsupported,
           .message = fmt::format("This build has no compiler for kernels of the target '{}'.", to_string(target)),
           .hints = {"Read the code from 'source()', or set 'jit' to a compiler of your own."}});
  }
  CPPSTENCILS_CHECK(false, "Every target has a default JIT.");
  return default_cpu_jit();
}

}  // namespace

// jit -> runtime
CompiledKernel KernelFunction::compile() const {
  JitBase& jit = config().jit ? *config().jit : default_jit(config().target);
  return jit.compile(*this);
}

CompiledKernel ExecutableJit::compile(const KernelFunction& kernel) {
  if (is_gpu(kernel.config().target)) {
    throw UnsupportedError(
        {.code = ErrorCode::unsupported,
         .message = fmt::format("Kernel '{}' is for the target '{}', but this JIT makes code for the target 'cpu'.",
                                kernel.name(), to_string(kernel.config().target)),
         .hints = {"Create the kernel for the target 'cpu', or compile it with a JIT for GPUs."}});
  }
  return {kernel, build(kernel)};
}
CompiledKernel DeviceJit::compile(const KernelFunction& kernel) { return {kernel, build(kernel)}; }

}  // namespace cppstencils
