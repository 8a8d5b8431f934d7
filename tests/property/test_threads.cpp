// Random kernels on one to five threads give the bits of one thread, in every layout of arrays and with every JIT.

#include <gtest/gtest.h>

#include <vector>

#include <fmt/format.h>

#include "cppstencils/cppstencils.hpp"
#include "runtime/parallel_launch.hpp"
#include "runtime/partition.hpp"
#include "support/access_kernel.hpp"
#include "support/kernel_run.hpp"
#include "support/random.hpp"
#include "support/random_kernel.hpp"

namespace cppstencils::testing {
namespace {

/// The step of every dimension; in some kernels they are changed first.
std::vector<std::int64_t> random_steps(ir::Kernel& kernel, Random& random) {
  std::vector<std::int64_t> steps(static_cast<std::size_t>(kernel.rank));
  const bool change = random.chance(40);
  for (ir::Block* block = &kernel.body; std::holds_alternative<ir::Loop>(block->front().kind);) {
    auto& loop = std::get<ir::Loop>(block->front().kind);
    if (change) loop.step = random.between(1, 3);
    steps[static_cast<std::size_t>(loop.dimension)] = loop.step;
    block = &loop.body;
  }
  return steps;
}

/// The call of a bound kernel on these arrays, in as many parts as the box allows, however small it is.
void run_in_parts(RunInputs& inputs, const runtime::PreparedKernel& prepared, EntryPoint entry_point,
                  const std::vector<std::int64_t>& steps, std::int64_t parts) {
  std::vector<std::uint64_t> block(runtime::CallFrame::size(prepared) / 8);
  const runtime::CallFrame frame(prepared, reinterpret_cast<std::byte*>(block.data()));
  for (std::size_t i = 0; i < inputs.buffers.size(); ++i) {
    RunBuffer& buffer = inputs.buffers[i];
    frame.data()[i] = buffer.bytes() + static_cast<std::size_t>(buffer.origin) * size_of(buffer.dtype);
    std::copy(buffer.strides.begin(), buffer.strides.end(), frame.strides() + prepared.buffers[i].first_stride);
  }
  for (std::size_t i = 0; i < inputs.scalars.size(); ++i) std::memcpy(frame.scalar(i), &inputs.scalars[i], 8);
  std::copy(inputs.begin.begin(), inputs.begin.end(), frame.begin());
  std::copy(inputs.end.begin(), inputs.end.end(), frame.end());
  const runtime::Partition partition = runtime::split(frame.begin(), frame.end(), steps, prepared.loop_order, parts);
  runtime::launch_parts(entry_point, frame, steps.size(), partition, {}, nullptr, prepared.name);
}

void check_random_kernel(ExecutableJit& jit, std::uint64_t seed, const RandomKernelOptions& options) {
  SCOPED_TRACE(fmt::format("seed {}", seed));
  Random random(seed);
  ir::Kernel kernel = random_kernel(seed, options);
  const std::vector<std::int64_t> steps = random_steps(kernel, random);
  std::vector<IterationRange> ranges;
  for (const std::int64_t step : steps) ranges.push_back({.step = step});
  const KernelFunction function = function_of(kernel, ranges);
  const runtime::PreparedKernel prepared = runtime::prepare(kernel, function.parameters(), ranges);
  const std::shared_ptr<Executable> executable = jit.build(function);
  for (const StrideMode mode : all_stride_modes) {
    const RunInputs inputs = make_inputs(kernel, seed, mode);
    bool has_cells = true;
    for (std::size_t d = 0; d < steps.size(); ++d) has_cells = has_cells && inputs.begin[d] < inputs.end[d];
    if (!has_cells) continue;
    const EntryPoint entry_point = executable->entry_point(best_variant(kernel, inputs));
    RunInputs expected = inputs;
    run(expected, entry_point);
    for (std::int64_t threads = 1; threads <= 5; ++threads) {
      SCOPED_TRACE(fmt::format("{}, {} threads", to_string(mode), threads));
      RunInputs actual = inputs;
      run_in_parts(actual, prepared, entry_point, steps, threads);
      ASSERT_TRUE(same_buffers(kernel, expected, actual));
    }
  }
}

void check(ExecutableJit& jit, std::uint64_t first_seed, std::uint64_t rounds, const RandomKernelOptions& options) {
  for (std::uint64_t seed = first_seed; seed < first_seed + fuzz_rounds(rounds); ++seed) {
    check_random_kernel(jit, seed, options);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(ThreadsFuzz, Interpreter) {
  InterpreterJit jit;
  check(jit, 1, 60, {.math_functions = MathFunctions::included});
}

TEST(ThreadsFuzz, Compiled) {
  if (!LlvmJit::unavailable_reason().empty()) GTEST_SKIP() << LlvmJit::unavailable_reason();
  LlvmJit jit({.cache = CacheOptions::off()});
  check(jit, 100'000'000, 30, {});
  check(jit, 200'000'000, 10, {.dtypes = {DType::float64}, .math_functions = MathFunctions::included});
  check(jit, 300'000'000, 10, {.dtypes = {DType::float32}, .fp_mode = ir::FpMode::fast});
  check(jit, 400'000'000, 10, {.dtypes = {DType::uint8, DType::boolean}});
}

}  // namespace
}  // namespace cppstencils::testing
