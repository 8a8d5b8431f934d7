// Code that LLVM makes against the interpreter, bit by bit: random kernels, every layout of arrays, every width of
// vectors that this machine has.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "jit/interpreter/interpreter.hpp"
#include "support/kernel_run.hpp"
#include "support/llvm_kernels.hpp"
#include "support/random.hpp"
#include "support/random_kernel.hpp"

namespace cppstencils::testing {
namespace {

std::int32_t interpret(const CppstencilsKernelArguments* arguments, const std::int64_t* begin,
                       const std::int64_t* end) {
  static_cast<const jit::Interpreter*>(arguments->context)->run(*arguments, begin, end);
  return 0;
}

void set_random_steps(ir::Block& block, Random& random) {
  for (ir::Stmt& stmt : block) {
    if (auto* loop = std::get_if<ir::Loop>(&stmt.kind)) {
      loop->step = random.between(1, 3);
      set_random_steps(loop->body, random);
    }
  }
}

/// A random kernel runs on arrays of every layout, and in the parts of a box.
void check_random_kernel(LlvmCompiler& compiler, std::uint64_t seed, const RandomKernelOptions& options) {
  SCOPED_TRACE(fmt::format("seed {}", seed));
  Random random(seed);
  ir::Kernel kernel = random_kernel(seed, options);
  if (random.chance(30)) set_random_steps(kernel.body, random);
  // Which operations are fused is decided by a pass; in strict mode no pass changes a bit.
  const bool strict = kernel.fp_mode == ir::FpMode::strict;
  const jit::Interpreter interpreter(strict ? kernel : passes::optimize(kernel, {ir::InnerStride::any}));
  const auto unit = compiler.compile(kernel, {ir::InnerStride::unit});
  const auto any = compiler.compile(kernel, {ir::InnerStride::any});
  for (const StrideMode mode : all_stride_modes) {
    SCOPED_TRACE(to_string(mode));
    const RunInputs inputs = make_inputs(kernel, seed, mode);
    RunInputs expected = inputs;
    run(expected, {interpret, &interpreter});
    RunInputs actual = inputs;
    run(actual, {any->function()});
    ASSERT_TRUE(same_buffers(kernel, expected, actual)) << "any";
    if (best_variant(kernel, inputs).inner_stride != ir::InnerStride::unit) continue;
    actual = inputs;
    run(actual, {unit->function()});
    ASSERT_TRUE(same_buffers(kernel, expected, actual)) << "unit";
  }
}

class LlvmFuzz : public ::testing::TestWithParam<std::string> {
 protected:
  void check(std::uint64_t first_seed, std::uint64_t rounds, const RandomKernelOptions& options) {
    LlvmCompiler compiler(GetParam());
    for (std::uint64_t seed = first_seed; seed < first_seed + fuzz_rounds(rounds); ++seed) {
      check_random_kernel(compiler, seed, options);
      if (HasFatalFailure()) return;
    }
  }
};

TEST_P(LlvmFuzz, MixedTypes) { check(1, 40, {}); }

TEST_P(LlvmFuzz, OneFloatType) {
  check(100'000'000, 10, {.dtypes = {DType::float64}});
  check(200'000'000, 10, {.dtypes = {DType::float32}});
}

TEST_P(LlvmFuzz, FusedMultiplyAdds) {
  check(300'000'000, 10, {.dtypes = {DType::float64, DType::float32}, .fp_mode = ir::FpMode::contract});
}

TEST_P(LlvmFuzz, SequentialCells) {
  check(400'000'000, 15, {.order = ir::IterationOrder::sequential});
  check(450'000'000, 5, {.reductions = 2, .order = ir::IterationOrder::sequential});
}

TEST_P(LlvmFuzz, Reductions) {
  check(800'000'000, 20, {.reductions = 3});
  check(850'000'000, 10, {.dtypes = {DType::float64, DType::float32}, .reductions = 2, .fp_mode = ir::FpMode::fast});
  check(870'000'000, 5,
        {.dtypes = {DType::float64, DType::float32},
         .stores = 1,
         .reductions = 1,
         .math_functions = MathFunctions::included});
}

TEST_P(LlvmFuzz, MathFunctions) {
  check(500'000'000, 10,
        {.dtypes = {DType::float64, DType::float32, DType::int32}, .math_functions = MathFunctions::included});
}

TEST_P(LlvmFuzz, NarrowIntegers) {
  check(600'000'000, 10, {.dtypes = {DType::int8, DType::uint8, DType::int16, DType::uint16, DType::boolean}});
}

TEST_P(LlvmFuzz, WideIntegers) {
  check(700'000'000, 10, {.dtypes = {DType::int32, DType::uint32, DType::int64, DType::uint64}});
}

INSTANTIATE_TEST_SUITE_P(Processors, LlvmFuzz, ::testing::ValuesIn(usable_processors()), [](const auto& test) {
  std::string name = test.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

// The passes of a code generator are used again: what they made before must not show.
TEST(LlvmCodeGenerator, BytesDoNotDependOnEarlierKernels) {
  const jit::Processor processor = jit::find_processor("native");
  jit::CodeGenerator used(processor);
  for (std::uint64_t seed = 900'000'000; seed < 900'000'000 + fuzz_rounds(20); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const ir::Kernel kernel = random_kernel(seed, {.math_functions = MathFunctions::included});
    for (const ir::InnerStride stride : {ir::InnerStride::unit, ir::InnerStride::any}) {
      const ir::Kernel optimised = passes::optimize(kernel, {stride});
      jit::CodeGenerator fresh(processor);
      const std::vector<std::byte> expected = fresh.generate(optimised);
      EXPECT_TRUE(used.generate(optimised) == expected);
      EXPECT_TRUE(used.generate(optimised) == expected) << "at once again";
    }
  }
}

// Vectors that no processor asks for by itself.
TEST(LlvmVectorForms, UnrolledAndOddWidths) {
  for (const int bytes : {0, 8, 16, 32, 64, 128}) {
    for (const auto masked : {emit::MaskedAccess::none, emit::MaskedAccess::words, emit::MaskedAccess::every_size}) {
      for (const int unroll : {1, 2, 4}) {
        SCOPED_TRACE(fmt::format("{} bytes, masked access {}, unroll {}", bytes, static_cast<int>(masked), unroll));
        jit::Processor processor = jit::find_processor("native");
        processor.vectors.vector_bytes = bytes;
        processor.vectors.masked_access = masked;
        processor.vectors.unroll = unroll;
        LlvmCompiler compiler(processor, jit::Engine::create());
        for (std::uint64_t seed = 0; seed < 2; ++seed) check_random_kernel(compiler, 800'000'000 + seed, {});
      }
    }
  }
}

}  // namespace
}  // namespace cppstencils::testing
