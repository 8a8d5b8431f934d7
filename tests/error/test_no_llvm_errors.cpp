// LlvmJit in a build without LLVM. Linked with that form of it, also where the library has LLVM.

#include <gtest/gtest.h>

#include "cppstencils/jit/llvm_jit.hpp"
#include "support/expect_error.hpp"

namespace cppstencils::testing {
namespace {

TEST(NoLlvmErrors, LlvmJitSaysWhy) {
  EXPECT_EQ(LlvmJit::unavailable_reason(), "This build of cppstencils has no LLVM.");
  expect_error<UnsupportedError>(
      ErrorCode::unsupported, [] { LlvmJit(); },
      "error[unsupported]: This build of cppstencils has no LLVM.\n"
      "  hint: Use LegacyCpuJit, or build cppstencils with -DCPPSTENCILS_LLVM=ON.\n");
}

}  // namespace
}  // namespace cppstencils::testing
