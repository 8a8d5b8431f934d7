// Random kernels as device code, executed on the host, compared bit by bit with the interpreter.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "ir/thread_axes.hpp"
#include "jit/interpreter/interpreter.hpp"
#include "passes/pipeline.hpp"
#include "support/device_library.hpp"
#include "support/host_library.hpp"
#include "support/kernel_run.hpp"
#include "support/operator_kernels.hpp"
#include "support/random.hpp"
#include "support/random_kernel.hpp"

namespace cppstencils::testing {
namespace {

using ir::IndexingScheme;

std::int32_t interpret(const CppstencilsKernelArguments* arguments, const std::int64_t* begin,
                       const std::int64_t* end) {
  static_cast<const jit::Interpreter*>(arguments->context)->run(*arguments, begin, end);
  return 0;
}

ir::Kernel kernel_of(std::uint64_t seed) {
  RandomKernelOptions options;
  options.math_functions = seed % 3 == 0 ? MathFunctions::included : MathFunctions::excluded;
  options.fp_mode = seed % 4 == 0 ? ir::FpMode::contract : seed % 4 == 1 ? ir::FpMode::fast : ir::FpMode::strict;
  if (seed % 7 == 0) options.dtypes = {DType::float64, DType::float32};
  ir::Kernel kernel = random_kernel(seed, options);
  kernel.name = fmt::format("random_{}", seed);
  return kernel;
}

ir::ThreadMapping mapping_of(Random& random, std::size_t loops) {
  using enum IndexingScheme;
  ir::ThreadMapping mapping;
  mapping.scheme =
      random.pick(std::vector{linear3d, linear3d, linear1d, gridstrided_linear3d, gridstrided_linear1d, blockwise4d});
  mapping.block = {static_cast<int>(random.pick(std::vector<std::int64_t>{1, 3, 8, 16, 32})), 1, 1};
  if (mapping.scheme == linear3d || mapping.scheme == gridstrided_linear3d) {
    for (std::size_t i = 1; i < std::min<std::size_t>(loops, 3); ++i) {
      mapping.block[i] = static_cast<int>(random.between(1, 3));
    }
    if (random.chance(40)) mapping.cells.inner = static_cast<int>(random.between(1, 4));
  }
  if (loops > 1 && random.chance(50)) mapping.cells.outer = static_cast<int>(random.between(1, 4));
  return mapping;
}

emit::DeviceTextOptions options_of(std::uint64_t seed, const ir::Kernel& kernel, ir::InnerStride stride) {
  Random random(seed);
  emit::DeviceTextOptions options;
  options.dialect = random.chance(25) ? emit::Dialect::hip : emit::Dialect::cuda;
  options.mapping = mapping_of(random, static_cast<std::size_t>(kernel.rank));
  options.inner_stride = stride;
  options.index_width = random.chance(50) ? emit::IndexWidth::bits32 : emit::IndexWidth::bits64;
  options.sharing = random.chance(50) ? emit::ArraySharing::none : emit::ArraySharing::possible;
  return options;
}

/// The box in two parts, as a caller might split it; steps keep their grid.
void run_parts(const DeviceLibrary& library, const DeviceCase& one, RunInputs& inputs, std::uint64_t seed) {
  Random random(seed);
  const auto d = random.below(inputs.begin.size());
  std::int64_t step = 1;
  for (const ir::Loop* loop : ir::loop_nest(one.kernel)) {
    if (static_cast<std::size_t>(loop->dimension) == d) step = loop->step;
  }
  const std::int64_t cells = (inputs.end[d] - inputs.begin[d] + step - 1) / step;
  const std::int64_t middle = inputs.begin[d] + step * random.between(0, cells);
  std::vector<std::int64_t> first_end = inputs.end;
  first_end[d] = std::min(middle, inputs.end[d]);
  std::vector<std::int64_t> second_begin = inputs.begin;
  second_begin[d] = middle;
  const DeviceLimits limits{.gridstrided_blocks = random.between(1, 5)};
  library.run(one, inputs, inputs.begin, first_end, seed, limits);
  library.run(one, inputs, second_begin, inputs.end, seed + 1, limits);
}

bool is_narrow(const DeviceCase& one, const RunInputs& inputs) {
  std::vector<emit::ArrayShape> shapes;
  for (const RunBuffer& buffer : inputs.buffers) shapes.push_back({buffer.extents, buffer.strides});
  return emit::fits_narrow_index(one.kernel, one.options.mapping, shapes);
}

void compare(const DeviceCase& one, const DeviceLibrary& library, std::uint64_t seed) {
  const bool strict = one.kernel.fp_mode == ir::FpMode::strict;
  const ir::Kernel optimized =
      strict ? one.kernel : passes::optimize(one.kernel, {.inner_stride = one.options.inner_stride});
  const jit::Interpreter interpreter(optimized);
  for (const StrideMode mode : all_stride_modes) {
    SCOPED_TRACE(fmt::format("seed {}, {} arrays, {}", seed, to_string(mode), describe(one.options)));
    const RunInputs inputs = make_inputs(one.kernel, seed, mode);
    if (one.options.inner_stride == ir::InnerStride::unit &&
        best_variant(one.kernel, inputs).inner_stride != ir::InnerStride::unit) {
      continue;
    }
    ASSERT_TRUE(is_narrow(one, inputs));
    RunInputs expected = inputs;
    run(expected, {interpret, &interpreter});
    RunInputs whole = inputs;
    library.run(one, whole, inputs.begin, inputs.end, seed);
    ASSERT_TRUE(same_buffers(one.kernel, expected, whole)) << one.text.text;
    RunInputs parts = inputs;
    run_parts(library, one, parts, seed);
    ASSERT_TRUE(same_buffers(one.kernel, expected, parts)) << one.text.text;
  }
}

TEST(DeviceProperty, EveryOperatorOnEveryType) {
  if (!has_compiler("g++")) GTEST_SKIP() << "There is no g++ on this machine.";
  std::vector<DeviceCase> cases;
  for (const DType type : all_types) {
    // The functions of one floating-point cell are long already.
    const int cells = is_float(type) ? 1 : 3;
    const emit::Dialect dialect = type == DType::float32 ? emit::Dialect::hip : emit::Dialect::cuda;
    cases.emplace_back(
        operators_of(type),
        emit::DeviceTextOptions{.dialect = dialect, .mapping = {.block = {8, 1, 1}, .cells = {.inner = cells}}});
  }
  const DeviceLibrary library(cases, "-O1");
  for (const DeviceCase& one : cases) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      compare(one, library, seed);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(DeviceProperty, RandomKernelsEqualTheInterpreter) {
  if (!has_compiler("g++")) GTEST_SKIP() << "There is no g++ on this machine.";
  constexpr std::uint64_t batch = 40;
  const std::uint64_t kernels = fuzz_rounds(40);
  for (std::uint64_t done = 0; done < kernels; done += batch) {
    std::vector<DeviceCase> cases;
    for (std::uint64_t i = done; i < std::min(done + batch, kernels); ++i) {
      const std::uint64_t seed = 3'000'001 + i;
      ir::Kernel kernel = kernel_of(seed);
      const ir::InnerStride stride = i % 3 == 0 ? ir::InnerStride::unit : ir::InnerStride::any;
      const emit::DeviceTextOptions options = options_of(seed, kernel, stride);
      cases.emplace_back(std::move(kernel), options);
    }
    const DeviceLibrary library(cases, "-O1");
    for (std::size_t i = 0; i < cases.size(); ++i) {
      compare(cases[i], library, 3'000'001 + done + i);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace cppstencils::testing
