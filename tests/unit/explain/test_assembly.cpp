#include <gtest/gtest.h>

#include "cppstencils/cppstencils.hpp"
#include "machine_for_tests.hpp"
#include "support/expect_error.hpp"
#include "support/smooth_kernel.hpp"

namespace cppstencils::testing {
namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

CompiledKernel without_cache(const KernelFunction& kernel, const std::string& jit) {
  if (jit == "LlvmJit") return LlvmJit({.cache = CacheOptions::off()}).compile(kernel);
  LegacyCpuJitOptions options;
  options.cache = CacheOptions::off();
  return LegacyCpuJit(options).compile(kernel);
}

TEST(Assembly, IsTheTextOfTheKernelThatRuns) {
  for (const std::string jit : {"LlvmJit", "LegacyCpuJit"}) {
    SCOPED_TRACE(jit);
    if (jit == "LlvmJit" && !LlvmJit::unavailable_reason().empty()) continue;  // the other JIT is enough for a build
    const CompiledKernel compiled = without_cache(smooth_kernel(0.25, "readable_name"), jit);
    const std::string unit = compiled.assembly();
    EXPECT_TRUE(contains(unit, "readable_name")) << unit;
    EXPECT_TRUE(contains(unit, "ret")) << unit;
    Array<double> u({10, 20}), v({10, 20}, Layout::f());
    EXPECT_EQ(compiled.bind({{"u", u}, {"v", v}}).assembly(), compiled.assembly({InnerStride::any}));
    v = Array<double>({10, 20});
    EXPECT_EQ(compiled.bind({{"u", u}, {"v", v}}).assembly(), unit);
  }
}

TEST(Assembly, OutlivesTheJit) {
  std::optional<CompiledKernel> compiled;
  {
    LegacyCpuJit jit;
    compiled = jit.compile(smooth_kernel());
  }
  EXPECT_TRUE(contains(compiled->assembly(), "smooth"));
}

TEST(Assembly, InterpretersHaveNone) {
  const CompiledKernel compiled = InterpreterJit().compile(smooth_kernel());
  const std::string_view text =
      "error[unsupported]: The JIT of this kernel has no assembly text.\n"
      "  hint: Compile the kernel with LlvmJit or LegacyCpuJit to read its machine code.\n";
  expect_error<UnsupportedError>(
      ErrorCode::unsupported, [&] { (void)compiled.assembly(); }, text);
  Array<double> u({10, 20}), v({10, 20});
  const BoundKernel bound = compiled.bind({{"u", u}, {"v", v}});
  expect_error<UnsupportedError>(
      ErrorCode::unsupported, [&] { (void)bound.assembly(); }, text);
}

TEST(Assembly, ACallWithoutCellsRunsNoCode) {
  Array<double> u({2, 20}), v({2, 20});
  const BoundKernel bound = InterpreterJit().compile(smooth_kernel()).bind({{"u", u}, {"v", v}});
  expect_error<UnsupportedError>(
      ErrorCode::unsupported, [&] { (void)bound.assembly(); },
      "error[unsupported]: The bound kernel 'smooth' has no cell to update, so no code was chosen for it.\n"
      "  hint: Ask the compiled kernel for the code of a variant instead.\n");
}

TEST(CodeDescription, EveryJitSaysHowItComputesCells) {
  const auto description = [](JitBase& jit, const KernelFunction& kernel) {
    Array<double> u({10, 20}), v({10, 20});
    return jit.compile(kernel).bind({{"u", u}, {"v", v}}).explain({.machine = round_machine()}).code;
  };
  InterpreterJit interpreter;
  EXPECT_EQ(description(interpreter, smooth_kernel()).lanes, 1);
  LegacyCpuJit legacy;
  EXPECT_EQ(description(legacy, smooth_kernel()).compiler, legacy.compiler());
  if (!LlvmJit::unavailable_reason().empty()) return;  // nothing left to ask
  LlvmJit llvm;
  const CodeDescription vectors = description(llvm, smooth_kernel(0.25, "smooth", "x86-64"));
  EXPECT_TRUE(vectors.compiler.starts_with("LLVM ")) << vectors.compiler;
  EXPECT_EQ(vectors.lanes, 2);
  EXPECT_EQ(vectors.reason, "Vectors of 16 bytes, for values of 8 bytes.");
  const Field u("u", 2);
  const Field v("v", 2);
  const CodeDescription in_order =
      description(llvm, create_kernel(assign(v(0, 0), u(0, 0) + v(-1, 0)), {.skip_independence_check = true}));
  EXPECT_EQ(in_order.lanes, 1);
  EXPECT_EQ(in_order.reason, "One cell at a time, because the cells depend on each other.");
}

}  // namespace
}  // namespace cppstencils::testing
