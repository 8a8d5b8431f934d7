#pragma once

#include "cppstencils/kernel/create_kernel.hpp"

namespace cppstencils::kernel {

/// Checks what can be checked without a kernel. Throws ConfigError.
void check_gpu_options(const GpuOptions& options);

/// The mapping that the options ask for; what they leave open comes from tables. The kernel is as created. Throws
/// ConfigError where the options do not fit its loops.
ir::ThreadMapping thread_mapping(const ir::Kernel& kernel, const GpuOptions& options);

}  // namespace cppstencils::kernel
