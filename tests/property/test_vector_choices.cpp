// Every size and number of vectors that a user can choose against the interpreter, bit by bit.

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include <fmt/format.h>

#include "cppstencils/cppstencils.hpp"
#include "jit/interpreter/interpreter.hpp"
#include "jit/llvm/processor.hpp"
#include "kernel/kernel_function_data.hpp"
#include "support/kernel_run.hpp"
#include "support/random.hpp"
#include "support/random_kernel.hpp"

namespace cppstencils::testing {
namespace {

std::int32_t interpret(const CppstencilsKernelArguments* arguments, const std::int64_t* begin,
                       const std::int64_t* end) {
  static_cast<const jit::Interpreter*>(arguments->context)->run(*arguments, begin, end);
  return 0;
}

/// The choices that this machine has.
std::vector<CpuOptions> all_choices() {
  std::vector<CpuOptions> choices;
  const int widest = jit::find_processor("native").vectors.vector_bytes;
  for (const int bytes : {0, 16, 32, 64}) {
    if (bytes > widest) continue;
    for (const int unroll : {1, 2, 4, 8}) choices.push_back({.vector_bytes = bytes, .unroll = unroll});
  }
  return choices;
}

/// Compares the code of a random kernel, as a JIT makes it with these options, on arrays of every layout.
void check_choice(std::uint64_t seed, const RandomKernelOptions& options, const CpuOptions& cpu) {
  SCOPED_TRACE(fmt::format("seed {}, vectors of {} bytes, {} at once", seed, *cpu.vector_bytes, *cpu.unroll));
  const ir::Kernel kernel = random_kernel(seed, options);
  const jit::Interpreter interpreter(kernel);
  CreateKernelConfig config;
  config.cpu = cpu;
  const KernelFunction function(
      std::make_shared<const KernelFunction::Data>(KernelFunction::Data{config, {}, {}, {}, {}, kernel}));
  LlvmJit jit({.cache = CacheOptions::off()});
  const std::shared_ptr<Executable> code = jit.build(function);
  for (const StrideMode mode : all_stride_modes) {
    SCOPED_TRACE(to_string(mode));
    const RunInputs inputs = make_inputs(kernel, seed, mode);
    RunInputs expected = inputs;
    run(expected, {interpret, &interpreter});
    RunInputs actual = inputs;
    run(actual, code->entry_point(best_variant(kernel, inputs)));
    ASSERT_TRUE(same_buffers(kernel, expected, actual));
  }
}

TEST(VectorChoices, AnyOfThemGivesTheBitsOfTheInterpreter) {
  const std::vector<CpuOptions> choices = all_choices();
  for (std::uint64_t seed = 1'100'000'000; seed < 1'100'000'000 + fuzz_rounds(32); ++seed) {
    check_choice(seed, {}, choices[seed % choices.size()]);
    if (HasFatalFailure()) return;
  }
}

TEST(VectorChoices, AnyOfThemGivesTheBitsForOneKernel) {
  for (const CpuOptions& choice : all_choices()) {
    check_choice(1'200'000'000, {.dtypes = {DType::float64}}, choice);
    check_choice(1'200'000'001, {.dtypes = {DType::float32, DType::int32}}, choice);
    if (HasFatalFailure()) return;
  }
}

TEST(VectorChoices, WhatCannotBeInVectorsRunsAllTheSame) {
  for (const CpuOptions& choice : all_choices()) {
    check_choice(1'300'000'000, {.order = ir::IterationOrder::sequential}, choice);
    check_choice(1'300'000'001, {.dtypes = {DType::int8, DType::float64}}, choice);
    check_choice(1'300'000'002, {.dtypes = {DType::float64}, .math_functions = MathFunctions::included}, choice);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace cppstencils::testing
