// Random kernels through host compilers, compared bit by bit with the interpreter.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "jit/interpreter/interpreter.hpp"
#include "support/host_library.hpp"
#include "support/kernel_run.hpp"
#include "support/random.hpp"
#include "support/random_kernel.hpp"

namespace cppstencils::testing {
namespace {

ir::FpMode mode_of(std::uint64_t seed) {
  switch (seed % 4) {
    case 0:
      return ir::FpMode::contract;
    case 1:
      return ir::FpMode::fast;
    default:
      return ir::FpMode::strict;
  }
}

OptimizedKernel kernel_of(std::uint64_t seed) {
  RandomKernelOptions options;
  options.math_functions = seed % 3 == 0 ? MathFunctions::included : MathFunctions::excluded;
  options.fp_mode = mode_of(seed);
  options.order = seed % 5 == 0 ? ir::IterationOrder::sequential : ir::IterationOrder::independent;
  if (seed % 4 == 1) options.reductions = 3;
  if (seed % 7 == 0) options.dtypes = {DType::float64, DType::float32};
  ir::Kernel kernel = random_kernel(seed, options);
  kernel.name = fmt::format("random_{}", seed);
  return OptimizedKernel(std::move(kernel));
}

std::int32_t interpret(const CppstencilsKernelArguments* arguments, const std::int64_t* begin,
                       const std::int64_t* end) {
  static_cast<const jit::Interpreter*>(arguments->context)->run(*arguments, begin, end);
  return 0;
}

void compare(const OptimizedKernel& kernel, const HostLibrary& library, std::uint64_t seed) {
  for (const StrideMode mode : all_stride_modes) {
    SCOPED_TRACE(fmt::format("seed {}, {} arrays", seed, to_string(mode)));
    const RunInputs inputs = make_inputs(kernel.original, seed, mode);
    const InnerStride best = best_variant(kernel.original, inputs).inner_stride;
    for (const InnerStride stride : {InnerStride::any, InnerStride::unit}) {
      if (stride == InnerStride::unit && best != InnerStride::unit) continue;
      RunInputs expected = inputs;
      // Which operations are fused is decided by a pass; in strict mode no pass changes a bit.
      const bool strict = kernel.original.fp_mode == ir::FpMode::strict;
      const jit::Interpreter interpreter(strict ? kernel.original : kernel.variant(stride));
      run(expected, {interpret, &interpreter});
      RunInputs actual = inputs;
      const EntryPoint entry_point = library.entry_point(kernel.original, stride);
      ASSERT_NE(entry_point.function, nullptr);
      run(actual, entry_point);
      ASSERT_TRUE(same_buffers(kernel.original, expected, actual)) << ir::to_string(kernel.variant(stride));
    }
  }
}

void compare_batches(const HostCompilerSetup& setup, std::uint64_t first_seed) {
  constexpr std::uint64_t batch = 40;
  const std::uint64_t kernels = fuzz_rounds(24);
  for (std::uint64_t done = 0; done < kernels; done += batch) {
    std::vector<OptimizedKernel> optimized;
    for (std::uint64_t i = done; i < std::min(done + batch, kernels); ++i) {
      optimized.push_back(kernel_of(first_seed + i));
    }
    const HostLibrary library(optimized, setup);
    for (std::size_t i = 0; i < optimized.size(); ++i) {
      compare(optimized[i], library, first_seed + done + i);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(HostProperty, RandomKernelsThroughGccEqualTheInterpreter) {
  if (!has_compiler("g++")) GTEST_SKIP() << "There is no g++ on this machine.";
  compare_batches({.compiler = "g++"}, 1);
}

TEST(HostProperty, RandomKernelsThroughClangEqualTheInterpreter) {
  if (!has_compiler("clang++")) GTEST_SKIP() << "There is no clang++ on this machine.";
  compare_batches({.compiler = "clang++"}, 1'000'001);
}

#if defined(__x86_64__)
TEST(HostProperty, OldProcessorsAndLittleOptimizationGiveTheSameBits) {
  if (!has_compiler("g++")) GTEST_SKIP() << "There is no g++ on this machine.";
  compare_batches({.compiler = "g++", .optimization = "-O1", .processor = "x86-64"}, 2'000'001);
}
#endif

}  // namespace
}  // namespace cppstencils::testing
