// Stores past the caches against the interpreter, bit by bit: random kernels on arrays of every layout, wherever the
// runtime allows it, and whole calls on several threads.

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "cppstencils/cppstencils.hpp"
#include "jit/interpreter/interpreter.hpp"
#include "runtime/store_use.hpp"
#include "support/access_kernel.hpp"
#include "support/kernel_run.hpp"
#include "support/llvm_kernels.hpp"
#include "support/parallel_kernels.hpp"
#include "support/random.hpp"
#include "support/random_kernel.hpp"

namespace cppstencils::testing {
namespace {

std::int32_t interpret(const CppstencilsKernelArguments* arguments, const std::int64_t* begin,
                       const std::int64_t* end) {
  static_cast<const jit::Interpreter*>(arguments->context)->run(*arguments, begin, end);
  return 0;
}

std::vector<std::int64_t> random_steps(ir::Kernel& kernel, Random& random) {
  std::vector<std::int64_t> steps(static_cast<std::size_t>(kernel.rank));
  const bool change = random.chance(30);
  for (ir::Block* block = &kernel.body; std::holds_alternative<ir::Loop>(block->front().kind);) {
    auto& loop = std::get<ir::Loop>(block->front().kind);
    const bool is_innermost = !std::holds_alternative<ir::Loop>(loop.body.front().kind);
    if (change && !is_innermost) loop.step = random.between(1, 3);
    steps[static_cast<std::size_t>(loop.dimension)] = loop.step;
    block = &loop.body;
  }
  return steps;
}

/// What the runtime decides for these arrays.
ir::StorePolicy policy_for(const ir::Kernel& kernel, RunInputs& inputs, const std::vector<std::int64_t>& steps) {
  for (std::size_t d = 0; d < steps.size(); ++d) {
    if (inputs.begin[d] >= inputs.end[d]) return ir::StorePolicy::cached;
  }
  if (best_variant(kernel, inputs).inner_stride != ir::InnerStride::unit) return ir::StorePolicy::cached;
  std::vector<IterationRange> ranges;
  for (const std::int64_t step : steps) ranges.push_back({.step = step});
  const KernelFunction function = function_of(kernel, ranges);
  const runtime::PreparedKernel prepared = runtime::prepare(kernel, function.parameters(), ranges);
  std::vector<std::uint64_t> block(runtime::CallFrame::size(prepared) / 8);
  const runtime::CallFrame frame(prepared, reinterpret_cast<std::byte*>(block.data()));
  for (std::size_t i = 0; i < inputs.buffers.size(); ++i) {
    RunBuffer& buffer = inputs.buffers[i];
    frame.data()[i] = buffer.bytes() + static_cast<std::size_t>(buffer.origin) * size_of(buffer.dtype);
    std::copy(buffer.strides.begin(), buffer.strides.end(), frame.strides() + prepared.buffers[i].first_stride);
  }
  std::copy(inputs.begin.begin(), inputs.begin.end(), frame.begin());
  std::copy(inputs.end.begin(), inputs.end.end(), frame.end());
  return runtime::StoreUse(kernel, prepared, StreamingStores::where_possible).policy(frame, 1);
}

/// Returns in how many layouts the kernel was streamed.
int check_random_kernel(LlvmCompiler& compiler, std::uint64_t seed, const RandomKernelOptions& options) {
  SCOPED_TRACE(fmt::format("seed {}", seed));
  Random random(seed);
  ir::Kernel kernel = random_kernel(seed, options);
  const std::vector<std::int64_t> steps = random_steps(kernel, random);
  const bool strict = kernel.fp_mode == ir::FpMode::strict;
  const jit::Interpreter interpreter(strict ? kernel : passes::optimize(kernel, {ir::InnerStride::any}));
  std::shared_ptr<jit::LoadedKernel> code;
  int streamed = 0;
  for (std::uint64_t layout = 0; layout < 6; ++layout) {
    const StrideMode mode = layout % 2 == 0 ? StrideMode::contiguous : StrideMode::padded;
    RunInputs actual = make_inputs(kernel, seed + layout, mode);
    RunInputs expected = actual;
    if (policy_for(kernel, actual, steps) == ir::StorePolicy::cached) continue;
    ++streamed;
    if (!code) code = compiler.compile(kernel, {ir::InnerStride::unit, ir::StorePolicy::streaming});
    run(expected, {interpret, &interpreter});
    run(actual, {code->function()});
    EXPECT_TRUE(same_buffers(kernel, expected, actual)) << "layout " << layout;
  }
  return streamed;
}

TEST(StreamingFuzz, RandomKernels) {
  for (const std::string& processor : usable_processors()) {
    SCOPED_TRACE(processor);
    LlvmCompiler compiler(processor);
    int streamed = 0;
    const auto check = [&](std::uint64_t first_seed, std::uint64_t rounds, const RandomKernelOptions& options) {
      for (std::uint64_t seed = first_seed; seed < first_seed + fuzz_rounds(rounds) && !HasFailure(); ++seed) {
        streamed += check_random_kernel(compiler, seed, options);
      }
    };
    check(1, 30, {});
    check(100'000'000, 30, {.dtypes = {DType::float64}});
    check(200'000'000, 15, {.dtypes = {DType::float32}, .fp_mode = ir::FpMode::contract});
    check(300'000'000, 15, {.dtypes = {DType::int32, DType::uint32}});
    EXPECT_GT(streamed, 20);
  }
}

/// A call of LlvmJit with the options.
void call(const AssignmentList& assignments, const CpuOptions& options, std::initializer_list<Argument> arguments) {
  LlvmJit jit({.cache = CacheOptions::off()});
  const CompiledKernel compiled = jit.compile(create_kernel(assignments, {.cpu = options}));
  compiled(arguments);
  compiled.bind(arguments)();
}

TEST(StreamingCalls, GiveTheBitsOfCachedOnes) {
  const auto [u, v, w] = fields<3>("u, v, w: double[2D]");
  const AssignmentList assignments{{v(0, 0), (u(1, 0) + u(-1, 0)) / 3}, {w(0, 0), u(0, 1) * u(0, -1)}};
  // The last two have rows that begin at every distance from a line, together and apart.
  for (const auto& [rows, columns, gap] : std::vector<std::array<std::int64_t, 3>>{
           {500, 512, 0}, {700, 1001, 0}, {3, 5, 0}, {40, 9, 0}, {2000, 7, 0}, {300, 515, 3}, {300, 515, 8}}) {
    Array<double> from({rows, columns + 8}, {.padding = Padding::none});
    for (std::int64_t i = 0; i < from.size(); ++i) from.data()[i] = 1.0 / static_cast<double>(1 + i % 1001);
    const auto results = [&](const CpuOptions& options) {
      Array<double> both({2, rows, columns + 8}, {.padding = Padding::none});
      const auto view = [&](double* begin, std::int64_t pitch) {
        return ArrayView<double>(begin, {rows, columns}, {pitch, 1});
      };
      const std::int64_t pitch = columns + 8;
      double* const second = both.data() + rows * pitch;
      call(assignments, options,
           {{"u", ArrayView<const double>(from.data() + 1, {rows, columns}, {pitch, 1})},
            {"v", view(both.data() + 3, pitch)},
            {"w", view(second + gap, pitch - gap)}});
      return both;
    };
    const Array<double> expected = results({.threads = 1, .streaming_stores = StreamingStores::never});
    for (const int threads : {1, 2, 3}) {
      SCOPED_TRACE(fmt::format("{} x {}, gap {}, {} threads", rows, columns, gap, threads));
      EXPECT_TRUE(same(results({.threads = threads, .streaming_stores = StreamingStores::where_possible}), expected));
    }
  }
}

TEST(StreamingCalls, UpdateArraysInPlace) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  Array<double> a({300, 301}, {.padding = Padding::none});
  for (std::int64_t i = 0; i < a.size(); ++i) a.data()[i] = static_cast<double>(i % 17);
  Array<double> twice = a;
  Array<double> b = a;
  const CpuOptions options{.streaming_stores = StreamingStores::where_possible};
  call(assign(v(0, 0), v(0, 0) * 2), options, {{"v", a}});
  call(assign(v(0, 0), u(0, 0) * 2), options, {{"u", b}, {"v", b}});
  for (std::int64_t i = 0; i < a.size(); ++i) twice.data()[i] *= 4;
  EXPECT_TRUE(same(a, twice));
  EXPECT_TRUE(same(b, twice));
}

}  // namespace
}  // namespace cppstencils::testing
