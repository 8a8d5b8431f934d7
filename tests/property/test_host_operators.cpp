// Every operator of the IR on every type, through host compilers, compared bit by bit with the interpreter.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ir/builder.hpp"
#include "jit/interpreter/interpreter.hpp"
#include "support/host_library.hpp"
#include "support/kernel_run.hpp"
#include "support/operator_kernels.hpp"

namespace cppstencils::testing {
namespace {

using ir::Expr;

std::int32_t interpret(const CppstencilsKernelArguments* arguments, const std::int64_t* begin,
                       const std::int64_t* end) {
  static_cast<const jit::Interpreter*>(arguments->context)->run(*arguments, begin, end);
  return 0;
}

void check_operators(const HostCompilerSetup& setup) {
  std::vector<OptimizedKernel> kernels;
  for (const DType type : all_types) kernels.emplace_back(operators_of(type));
  const HostLibrary library(kernels, setup);
  for (const OptimizedKernel& kernel : kernels) {
    // Strict kernels: no pass may change a bit either.
    const jit::Interpreter interpreter(kernel.original);
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      SCOPED_TRACE(fmt::format("kernel {}, seed {}", kernel.original.name, seed));
      const StrideMode mode = seed % 2 == 0 ? StrideMode::contiguous : StrideMode::spaced;
      const RunInputs inputs = make_inputs(kernel.original, seed, mode);
      RunInputs expected = inputs;
      run(expected, {interpret, &interpreter});
      RunInputs actual = inputs;
      run(actual, library.entry_point(kernel.original, best_variant(kernel.original, inputs).inner_stride));
      ASSERT_TRUE(same_buffers(kernel.original, expected, actual));
    }
  }
}

/// Sums of many terms, grouped from the left, from the right, and in brackets of every kind.
OptimizedKernel long_expressions() {
  OperatorKernel kernel(DType::float64, "long_expressions");
  constexpr int terms = 600;
  Expr left = kernel.a();
  Expr right = kernel.a();
  Expr mixed = kernel.a();
  for (int i = 0; i < terms; ++i) {
    left = ir::binary(ir::BinaryOp::add, left, i % 2 == 0 ? kernel.b() : kernel.c());
    right = ir::binary(ir::BinaryOp::subtract, kernel.b(), right);
    mixed = ir::select(ir::compare(ir::CompareOp::less, kernel.b(), mixed), ir::unary(ir::UnaryOp::floor, mixed),
                       ir::binary(ir::BinaryOp::maximum, kernel.c(), mixed));
  }
  kernel.store(left);
  kernel.store(right);
  kernel.store(mixed);
  return OptimizedKernel(kernel.take());
}

TEST(HostOperators, LongExpressionsPassEveryCompiler) {
  const std::vector<OptimizedKernel> kernels{long_expressions()};
  const ir::Kernel& kernel = kernels.front().original;
  const jit::Interpreter interpreter(kernel);
  for (const char* compiler : {"g++", "clang++"}) {
    SCOPED_TRACE(compiler);
    if (!has_compiler(compiler)) continue;
    const HostLibrary library(kernels, {.compiler = compiler, .optimization = "-O0"});
    const RunInputs inputs = make_inputs(kernel, 1, StrideMode::contiguous);
    RunInputs expected = inputs;
    run(expected, {interpret, &interpreter});
    RunInputs actual = inputs;
    run(actual, library.entry_point(kernel, InnerStride::unit));
    EXPECT_TRUE(same_buffers(kernel, expected, actual));
  }
}

TEST(HostOperators, Gcc) {
  if (!has_compiler("g++")) GTEST_SKIP() << "There is no g++ on this machine.";
  check_operators({.compiler = "g++", .optimization = "-O2"});
}

TEST(HostOperators, Clang) {
  if (!has_compiler("clang++")) GTEST_SKIP() << "There is no clang++ on this machine.";
  check_operators({.compiler = "clang++", .optimization = "-O2"});
}

}  // namespace
}  // namespace cppstencils::testing
