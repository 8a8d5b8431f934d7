// Errors of JITs before any code is generated.

#include <gtest/gtest.h>

#include "cppstencils/cppstencils.hpp"
#include "support/expect_error.hpp"
#include "support/smooth_kernel.hpp"

namespace cppstencils::testing {
namespace {

TEST(JitErrors, NoJitRefuses) {
  expect_error<UnsupportedError>(
      ErrorCode::jit_disabled, [] { no_jit->compile(smooth_kernel()); },
      "error[jit-disabled]: Compiling kernel 'smooth' is explicitly disabled by its JIT 'no_jit'.\n"
      "  hint: Create the kernel with another 'jit' in its configuration, or call 'compile' of a JIT yourself.\n");
}

TEST(JitErrors, UnknownProcessor) {
  if (!LlvmJit::unavailable_reason().empty()) GTEST_SKIP() << LlvmJit::unavailable_reason();
  expect_error<ConfigError>(
      ErrorCode::invalid_config,
      [] { LlvmJit({.cache = CacheOptions::off()}).compile(smooth_kernel(0.25, "smooth", "z80")); },
      "error[invalid-config]: Processor 'z80' is not known.\n"
      "  note: While compiling kernel 'smooth' with LlvmJit.\n"
      "  hint: Set 'cpu.processor' to \"native\", or to a processor with no more than this one has, such as "
      "\"x86-64-v2\".\n");
}

TEST(JitErrors, VectorsThatTheProcessorDoesNotHave) {
  if (!LlvmJit::unavailable_reason().empty()) GTEST_SKIP() << LlvmJit::unavailable_reason();
  const auto [u, v] = fields<2>("u, v: double[2D]");
  const KernelFunction kernel =
      create_kernel(assign(v(0, 0), u(1, 0)), {.cpu = {.processor = "x86-64-v2", .vector_bytes = 32}});
  expect_error<ConfigError>(
      ErrorCode::invalid_config, [&] { LlvmJit({.cache = CacheOptions::off()}).compile(kernel); },
      "error[invalid-config]: 'cpu.vector_bytes' is 32, but processor 'x86-64-v2' has vectors of 16 bytes.\n"
      "  note: While compiling kernel 'kernel' with LlvmJit.\n"
      "  hint: Leave it out for the widest vectors that there are, or set a smaller size.\n");
}

}  // namespace
}  // namespace cppstencils::testing
