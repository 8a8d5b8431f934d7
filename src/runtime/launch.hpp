#pragma once

#include <cstdint>
#include <string>

#include "cppstencils/jit/executable.hpp"
#include "runtime/call_frame.hpp"

namespace cppstencils::runtime {

[[noreturn]] void fail_launch(const std::string& kernel_name, std::int32_t status);

/// Runs the code on a box. Throws LaunchError when it reports a fault.
inline void launch(const EntryPoint& entry_point, const CallFrame& frame, const std::int64_t* begin,
                   const std::int64_t* end, const std::string& kernel_name) {
  const CppstencilsKernelArguments arguments = frame.arguments(entry_point.context);
  const std::int32_t status = entry_point.function(&arguments, begin, end);
  if (status != 0) fail_launch(kernel_name, status);
}

}  // namespace cppstencils::runtime
