#include "runtime/launch.hpp"

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"

namespace cppstencils::runtime {

void fail_launch(const std::string& kernel_name, std::int32_t status) {
  throw LaunchError({.code = ErrorCode::launch_failed,
                     .message = fmt::format("Kernel '{}' reported fault {} while it ran.", kernel_name, status),
                     .notes = {"The arrays may have been written in part."}});
}

}  // namespace cppstencils::runtime
