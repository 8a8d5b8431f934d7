// Every pass on random kernels: it keeps the bits (or, where it may round, does what it says), gives a valid kernel,
// changes nothing when it runs again, and depends on nothing but the structure of the kernel.

#include <gtest/gtest.h>

#include <string>

#include <fmt/format.h>

#include "ir/builder.hpp"
#include "ir/traverse.hpp"
#include "ir/verify.hpp"
#include "jit/interpreter/interpreter.hpp"
#include "passes/balance_sums.hpp"
#include "passes/contract_multiply_adds.hpp"
#include "passes/pipeline.hpp"
#include "passes/relax_divisions.hpp"
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

RunInputs result_of(const ir::Kernel& kernel, RunInputs inputs) {
  const jit::Interpreter interpreter(kernel);
  run(inputs, {interpret, &interpreter});
  return inputs;
}

bool may_round(const passes::Pass& pass) {
  return pass.name == "relax_divisions" || pass.name == "balance_sums" || pass.name == "contract_multiply_adds";
}

void check_passes(const ir::Kernel& kernel, const ir::Variant& variant, const RunInputs& inputs) {
  RunInputs expected = result_of(kernel, inputs);
  ir::Kernel current = kernel;
  for (const passes::Pass& pass : passes::pass_list()) {
    if (!pass.when(kernel.fp_mode)) continue;
    SCOPED_TRACE(fmt::format("{} takes\n{}", pass.name, to_string(current)));
    const ir::Kernel next = pass.run(current, variant);
    ASSERT_NO_THROW(ir::verify(next, pass.name));
    ASSERT_EQ(ir::parse_kernel(to_string(next)), next);
    // The text does not say which nodes are shared.
    ASSERT_EQ(to_string(pass.run(ir::parse_kernel(to_string(current)), variant)), to_string(next));
    if (pass.name != "lower_accesses") {
      ASSERT_EQ(to_string(pass.run(next, variant)), to_string(next)) << "The second run changes the kernel.";
    }
    if (may_round(pass)) {
      expected = result_of(next, inputs);
    } else {
      ASSERT_TRUE(same_buffers(next, expected, result_of(next, inputs)));
    }
    current = next;
  }
  ASSERT_EQ(to_string(passes::optimize(kernel, variant)), to_string(current));
}

void check_passes(std::uint64_t first_seed, std::uint64_t rounds, const RandomKernelOptions& options) {
  const std::size_t modes = std::size(all_stride_modes);
  for (std::uint64_t seed = first_seed; seed < first_seed + fuzz_rounds(rounds); ++seed) {
    const StrideMode mode = all_stride_modes[seed % modes];
    SCOPED_TRACE(fmt::format("seed {}, {}", seed, to_string(mode)));
    const ir::Kernel kernel = random_kernel(seed, options);
    const RunInputs inputs = make_inputs(kernel, seed, mode);
    check_passes(kernel, best_variant(kernel, inputs), inputs);
    if (::testing::Test::HasFatalFailure()) return;
    check_passes(kernel, {.inner_stride = ir::InnerStride::any}, inputs);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(Passes, KeepTheBitsOfStrictKernels) { check_passes(1, 120, {}); }

TEST(Passes, KeepTheBitsOfLargeExpressions) {
  check_passes(1'000'000, 25, {.dtypes = {DType::float64, DType::float32}, .lets = 12, .stores = 6, .depth = 7});
  check_passes(2'000'000, 25, {.dtypes = {DType::int8, DType::uint8, DType::int64}, .lets = 10, .depth = 6});
}

TEST(Passes, KeepTheBitsOfMathFunctions) {
  check_passes(3'000'000, 25, {.dtypes = {DType::float64, DType::float32}, .math_functions = MathFunctions::included});
}

TEST(Passes, KeepTheBitsOfSequentialKernels) { check_passes(4'000'000, 40, {.order = ir::IterationOrder::sequential}); }

TEST(Passes, KeepTheBitsOfReductions) {
  check_passes(8'000'000, 60, {.stores = 1, .reductions = 3});
  check_passes(9'000'000, 20,
               {.dtypes = {DType::float64, DType::float32}, .reductions = 2, .fp_mode = ir::FpMode::fast});
}

TEST(Passes, KeepTheBitsOfContractKernelsAfterContraction) {
  check_passes(5'000'000, 40, {.dtypes = {DType::float64, DType::float32}, .fp_mode = ir::FpMode::contract});
}

TEST(Passes, KeepTheBitsOfFastKernelsAfterRelaxation) {
  check_passes(6'000'000, 40, {.dtypes = {DType::float64, DType::float32}, .fp_mode = ir::FpMode::fast});
}

/// The kernel with a product and a sum in place of every fused operation.
ir::Kernel split_fused(const ir::Kernel& kernel) {
  ir::ExprRewriter rewrite([](const ir::Expr& expr) {
    const auto* fused = ir::get_if<ir::FusedMultiplyAdd>(expr);
    if (fused == nullptr) return expr;
    return ir::binary(ir::BinaryOp::add, ir::binary(ir::BinaryOp::multiply, fused->a, fused->b), fused->c);
  });
  ir::Kernel result = kernel;
  result.body = ir::map_expressions(kernel.body, [&](const ir::Expr& expr) { return rewrite(expr); });
  return result;
}

TEST(ContractMultiplyAdds, OnlyFuses) {
  const RandomKernelOptions options{
      .dtypes = {DType::float64, DType::float32}, .lets = 8, .depth = 6, .fp_mode = ir::FpMode::contract};
  const std::uint64_t first_seed = 7'000'000;
  for (std::uint64_t seed = first_seed; seed < first_seed + fuzz_rounds(80); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const ir::Kernel kernel = random_kernel(seed, options);
    const RunInputs inputs = make_inputs(kernel, seed, StrideMode::contiguous);
    const ir::Kernel contracted = passes::contract_multiply_adds(kernel);
    SCOPED_TRACE(to_string(contracted));
    ASSERT_TRUE(
        same_buffers(kernel, result_of(split_fused(kernel), inputs), result_of(split_fused(contracted), inputs)));
  }
}

/// Sums of loads in all shapes.
ir::Expr random_sum(Random& random, std::vector<ir::Expr>& earlier, int terms) {
  using enum ir::BinaryOp;
  if (terms == 1) {
    if (!earlier.empty() && random.chance(20)) return random.pick(earlier);
    return ir::load(ir::BufferId{0}, DType::float64, {random.between(-2, 2)}, {});
  }
  const int left_terms = random.chance(70) ? terms - 1 : static_cast<int>(random.between(1, terms - 1));
  ir::Expr left = random_sum(random, earlier, left_terms);
  ir::Expr right = random_sum(random, earlier, terms - left_terms);
  ir::Expr sum = ir::binary(random.chance(60) ? add : subtract, std::move(left), std::move(right));
  if (random.chance(10)) earlier.push_back(sum);
  return sum;
}

ir::Kernel kernel_of(ir::Expr value) {
  ir::Kernel kernel;
  kernel.name = "kernel";
  kernel.rank = 1;
  kernel.fp_mode = ir::FpMode::fast;
  kernel.buffers = {{"source", DType::float64, ir::BufferAccess::read, 1, {}},
                    {"target", DType::float64, ir::BufferAccess::write, 1, {}}};
  kernel.body = {ir::Stmt{ir::Loop{0, 1, {ir::Stmt{ir::Store{ir::BufferId{1}, {0}, {}, std::move(value)}}}}}};
  return kernel;
}

/// Whole numbers, so that every sum and difference is exact in any order.
RunInputs whole_numbers(const ir::Kernel& kernel, std::uint64_t seed) {
  RunInputs inputs = make_inputs(kernel, seed, StrideMode::contiguous, RandomValues::ordinary);
  Random random(seed);
  for (std::uint64_t& word : inputs.buffers[0].words) {
    word = ir::bits_of_float(DType::float64, static_cast<double>(random.between(1, 1000)));
  }
  return inputs;
}

TEST(BalanceSums, KeepsTheTermsOfSums) {
  const std::uint64_t first_seed = 8'000'000;
  for (std::uint64_t seed = first_seed; seed < first_seed + fuzz_rounds(200); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Random random(seed);
    std::vector<ir::Expr> earlier;
    const ir::Kernel kernel = kernel_of(random_sum(random, earlier, static_cast<int>(random.between(1, 60))));
    const RunInputs inputs = whole_numbers(kernel, seed);
    const ir::Kernel balanced = passes::balance_sums(kernel);
    ASSERT_TRUE(same_buffers(kernel, result_of(kernel, inputs), result_of(balanced, inputs)));
    ASSERT_EQ(to_string(passes::balance_sums(balanced)), to_string(balanced));
  }
}

}  // namespace
}  // namespace cppstencils::testing
