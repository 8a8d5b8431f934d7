#include "cppstencils/kernel/kernel_function.hpp"

#include <fmt/format.h>

#include "cppstencils/kernel/launch_configuration.hpp"
#include "cppstencils/support/error.hpp"
#include "kernel/check_assignments.hpp"
#include "kernel/diagnostics.hpp"
#include "kernel/gpu_options.hpp"
#include "kernel/kernel_function_data.hpp"
#include "sym/to_string.hpp"

namespace cppstencils {

KernelFunction::KernelFunction(std::shared_ptr<const Data> data) : data_(std::move(data)) {
  CPPSTENCILS_CHECK(data_ != nullptr, "A kernel function has data.");
}

const std::string& KernelFunction::name() const { return data_->kernel.name; }
const std::vector<Parameter>& KernelFunction::parameters() const { return data_->parameters; }
const CreateKernelConfig& KernelFunction::config() const { return data_->config; }
const std::vector<IterationRange>& KernelFunction::iteration_ranges() const { return data_->iteration_ranges; }
const std::vector<std::array<std::int64_t, 2>>& KernelFunction::ghost_layers() const { return data_->ghost_layers; }

std::string KernelFunction::assignments() const {
  // Nodes that are shared have to be written each time, so that the text of a few of them can fill the memory.
  constexpr std::size_t longest_value = 10'000;
  std::string text;
  for (const Assignment& assignment : data_->assignments) {
    text += kernel::text_of(assignment, sym::short_text(assignment.value, longest_value)) + "\n";
  }
  return text;
}

const ir::Kernel& KernelFunction::kernel_ir() const { return data_->kernel; }
std::string KernelFunction::ir() const { return to_string(data_->kernel); }

LaunchRule KernelFunction::launch_configuration() const {
  if (!is_gpu(config().target)) {
    throw UnsupportedError(
        {.code = ErrorCode::unsupported,
         .message = fmt::format("Kernel '{}' is for the target 'cpu', which has no launches.", name()),
         .hints = {"Set 'target' to cuda or hip when you create the kernel."}});
  }
  return {kernel_ir(), kernel::thread_mapping(kernel_ir(), config().gpu)};
}

KernelFunction KernelFunction::with_cpu_options(const CpuOptions& options) const {
  auto data = std::make_shared<Data>(*data_);
  data->config.cpu = options;
  kernel::check_config(data->config);
  return KernelFunction(std::move(data));
}

std::string_view to_string(Target target) {
  switch (target) {
    case Target::cpu:
      return "cpu";
    case Target::cuda:
      return "cuda";
    case Target::hip:
      return "hip";
  }
  return "unknown";
}

}  // namespace cppstencils
