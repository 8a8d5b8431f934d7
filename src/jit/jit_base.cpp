#include "cppstencils/jit/jit_base.hpp"

#include "cppstencils/jit/device_executable.hpp"
#include "cppstencils/jit/executable.hpp"
#include "cppstencils/support/error.hpp"

namespace cppstencils {

Executable::~Executable() = default;

CodeDescription Executable::describe(Variant) const { return {}; }

std::string Executable::assembly(Variant) const {
  throw UnsupportedError({.code = ErrorCode::unsupported,
                          .message = "The JIT of this kernel has no assembly text.",
                          .hints = {"Compile the kernel with LlvmJit or LegacyCpuJit to read its machine code."}});
}

TuningSupport* Executable::tuning_support() { return nullptr; }

TuningSupport::~TuningSupport() = default;

LaunchPlan::~LaunchPlan() = default;
DeviceExecutable::~DeviceExecutable() = default;

void DeviceExecutable::launch(const CppstencilsKernelArguments& arguments, const std::int64_t* begin,
                              const std::int64_t* end, const LaunchChoice& choice, Stream stream) const {
  plan(arguments, begin, end, choice)->launch(stream);
}

std::string DeviceExecutable::assembly() const {
  throw UnsupportedError({.code = ErrorCode::unsupported, .message = "The JIT of this kernel has no assembly text."});
}

JitBase::~JitBase() = default;
ExecutableJit::~ExecutableJit() = default;
DeviceJit::~DeviceJit() = default;

}  // namespace cppstencils
