#pragma once

#include <string>

#include "cppstencils/jit/device_executable.hpp"
#include "cppstencils/runtime/arguments.hpp"
#include "runtime/prepared_kernel.hpp"

namespace cppstencils::runtime {

/// Throws ArgumentError (argument-device) for a stream other than null, given to a kernel that runs on the CPU.
void require_no_stream(const std::string& kernel_name, Stream stream);

/// The same for a grid or a block.
void require_no_choice(const std::string& kernel_name, const LaunchChoice& choice);

/// Asks the driver about the pointers of arrays that have not allocated their memory themselves: what they say may be
/// wrong. For arguments that have been bound and have cells. Throws ArgumentError (argument-device).
void check_addresses(const DeviceExecutable& executable, const PreparedKernel& kernel, Arguments arguments);

}  // namespace cppstencils::runtime
