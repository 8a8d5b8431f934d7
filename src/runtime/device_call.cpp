#include "runtime/device_call.hpp"

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "runtime/compiled_kernel_state.hpp"

namespace cppstencils {

CompiledKernel::State::State(KernelFunction function, std::shared_ptr<DeviceExecutable> executable)
    : State(std::move(function)) {
  if (executable == nullptr) {
    throw ArgumentError({.code = ErrorCode::argument_null,
                         .message = "A compiled kernel needs an executable, but the pointer is null.",
                         .hints = {"Let the JIT return an executable, or throw CompileError."}});
  }
  on_device = std::move(executable);
  prepared.memory = MemorySpace::device;
  prepared.device = on_device->device();
}

namespace runtime {

void require_no_stream(const std::string& kernel_name, Stream stream) {
  if (stream.handle == nullptr) return;
  throw ArgumentError({.code = ErrorCode::argument_device,
                       .message = fmt::format("Kernel '{}' runs on the CPU and takes no stream.", kernel_name),
                       .hints = {"Leave the stream out, or create the kernel with a GPU target."}});
}

void require_no_choice(const std::string& kernel_name, const LaunchChoice& choice) {
  if (!choice) return;
  throw ArgumentError(
      {.code = ErrorCode::argument_device,
       .message = fmt::format("Kernel '{}' runs on the CPU, which has no grid and no blocks of threads.", kernel_name),
       .hints = {"Leave them out, or create the kernel with a GPU target."}});
}

void check_addresses(const DeviceExecutable& executable, const PreparedKernel& kernel, Arguments arguments) {
  for (const Argument& argument : arguments) {
    const ArrayRef* const array = argument.array();
    if (array == nullptr || array->source == AddressSource::owner || executable.can_address(array->data)) continue;
    throw ArgumentError({.code = ErrorCode::argument_device,
                         .message = fmt::format("Array '{}' is said to be in the memory of GPU {}, but its pointer is "
                                                "not.",
                                                argument.name(), kernel.device),
                         .hints = {"Pass the address that the GPU's allocator returned."}});
  }
}

}  // namespace runtime
}  // namespace cppstencils
