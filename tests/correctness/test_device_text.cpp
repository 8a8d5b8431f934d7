// Device code, executed on the host: every cell once in every scheme, and well-known stencils with the right bits.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

#include "cppstencils/cppstencils.hpp"
#include "ir/builder.hpp"
#include "jit/interpreter/interpreter.hpp"
#include "kernel/gpu_options.hpp"
#include "support/access_kernel.hpp"
#include "support/device_library.hpp"
#include "support/host_library.hpp"
#include "support/random.hpp"
#include "support/random_kernel.hpp"
#include "support/stencil_kernels.hpp"

namespace cppstencils::testing {
namespace {

using enum ir::IndexingScheme;
constexpr ir::IndexingScheme all_schemes[] = {linear3d, linear1d, gridstrided_linear3d, gridstrided_linear1d,
                                              blockwise4d};

RunInputs interpreted(const ir::Kernel& kernel, RunInputs inputs) {
  const jit::Interpreter interpreter(kernel);
  run(inputs, {[](const CppstencilsKernelArguments* arguments, const std::int64_t* begin, const std::int64_t* end) {
                 static_cast<const jit::Interpreter*>(arguments->context)->run(*arguments, begin, end);
                 return std::int32_t{0};
               },
               &interpreter});
  return inputs;
}

/// Mappings that are unlike each other, for a kernel with so many loops.
std::vector<ir::ThreadMapping> mappings(int loops) {
  std::vector<ir::ThreadMapping> result;
  for (const ir::IndexingScheme scheme : all_schemes) {
    const bool has_inner = scheme == linear3d || scheme == gridstrided_linear3d;
    std::array<int, 3> block{8, 1, 1};
    if (has_inner && loops > 1) block[1] = 3;
    if (has_inner && loops > 2) block[2] = 2;
    result.push_back({scheme, block, {}});
    if (has_inner) result.push_back({scheme, block, {.inner = 3}});
    if (loops > 1) result.push_back({scheme, block, {.outer = 2}});
    if (has_inner && loops > 1) result.push_back({scheme, {5, 1, 1}, {.inner = 2, .outer = 3}});
    if (has_inner) result.push_back({scheme, {1, 1, 1}, {.inner = 4}});
  }
  return result;
}

/// count += 1, with steps 1, 2, 1, 3 along the loops.
ir::Kernel counting_kernel(int rank, std::string name) {
  ir::Kernel kernel;
  kernel.name = std::move(name);
  kernel.rank = rank;
  kernel.buffers = {{"count", DType::int32, ir::BufferAccess::read_write, rank, {}}};
  const std::vector<std::int64_t> here(static_cast<std::size_t>(rank), 0);
  const ir::Expr more = ir::load({0}, DType::int32, here, {}) + ir::int_constant(DType::int32, 1);
  ir::Block body{{ir::Store{{0}, here, {}, more}}};
  constexpr std::int64_t steps[] = {1, 2, 1, 3};
  for (int d = rank; d-- > 0;) body = {{ir::Loop{d, steps[d], std::move(body)}}};
  kernel.body = std::move(body);
  return kernel;
}

RunInputs counts(const std::vector<std::int64_t>& extents, const std::vector<CellRange>& box) {
  RunInputs inputs;
  RunBuffer buffer;
  buffer.dtype = DType::int32;
  buffer.extents = extents;
  buffer.element_count = 1;
  for (const std::int64_t extent : extents) buffer.element_count *= extent;
  std::int64_t stride = 1;
  buffer.strides.resize(extents.size());
  for (std::size_t d = extents.size(); d-- > 0; stride *= extents[d]) buffer.strides[d] = stride;
  buffer.words.assign((static_cast<std::size_t>(buffer.element_count) * 4 + 7) / 8, 0);
  inputs.buffers = {std::move(buffer)};
  for (const CellRange& range : box) {
    inputs.begin.push_back(range.begin);
    inputs.end.push_back(range.end);
  }
  return inputs;
}

TEST(DeviceText, EveryCellIsUpdatedOnce) {
  if (!has_compiler("g++")) GTEST_SKIP() << "There is no g++ on this machine.";
  const std::vector<std::int64_t> sizes{7, 19, 34, 5};
  std::vector<DeviceCase> cases;
  for (int rank = 1; rank <= 4; ++rank) {
    for (const ir::ThreadMapping& mapping : mappings(rank)) {
      const auto width = cases.size() % 2 == 0 ? emit::IndexWidth::bits64 : emit::IndexWidth::bits32;
      cases.emplace_back(counting_kernel(rank, fmt::format("count_{}", cases.size())),
                         emit::DeviceTextOptions{.mapping = mapping, .index_width = width});
    }
  }
  const DeviceLibrary library(cases, "-O1");
  for (const DeviceCase& one : cases) {
    SCOPED_TRACE(fmt::format("{}, {} loops", describe(one.options), one.kernel.rank));
    const std::vector<std::int64_t> extents(sizes.end() - one.kernel.rank, sizes.end());
    std::vector<CellRange> inside;
    std::vector<CellRange> single;
    std::vector<CellRange> empty;
    for (const std::int64_t extent : extents) {
      inside.push_back({1, extent - 1});
      single.push_back({2, 3});
      empty.push_back({0, extent});
    }
    empty.back().begin = empty.back().end;
    const DeviceLimits tight{.grid = {2, 2, 1}};
    const DeviceLimits few{.gridstrided_blocks = 3};
    for (const std::vector<CellRange>& box : {inside, single, empty}) {
      const RunInputs inputs = counts(extents, box);
      const RunInputs expected = interpreted(one.kernel, inputs);
      for (const DeviceLimits& limits : {DeviceLimits{}, tight, few}) {
        RunInputs actual = inputs;
        library.run(one, actual, inputs.begin, inputs.end, 7, limits);
        SCOPED_TRACE(fmt::format("cells {} to {}, {} blocks along x", box[0].begin, box[0].end, limits.grid[0]));
        ASSERT_TRUE(same_buffers(one.kernel, expected, actual)) << one.text.text;
      }
    }
    // A grid of the caller's, larger than the cells ask for.
    LaunchConfiguration large = one.rule.configuration(inside);
    const std::array<std::string, 3> used = one.rule.grid();
    for (std::size_t i = 0; i < 3; ++i) large.grid[i] += used[i] == "1" ? 0 : 2;
    large = one.rule.with_grid(inside, large.grid);
    const RunInputs inputs = counts(extents, inside);
    RunInputs actual = inputs;
    DeviceLibrary::with_arguments(actual, [&](const CppstencilsKernelArguments& arguments) {
      library.launch(one, arguments, {inside, large}, 11);
    });
    ASSERT_TRUE(same_buffers(one.kernel, interpreted(one.kernel, inputs), actual)) << one.text.text;
  }
}

TEST(DeviceText, StencilsHaveTheBitsOfTheInterpreter) {
  if (!has_compiler("g++")) GTEST_SKIP() << "There is no g++ on this machine.";
  std::vector<DeviceCase> cases;
  const auto add = [&](ir::Kernel kernel, const ir::ThreadMapping& mapping, ir::InnerStride stride) {
    kernel.name = fmt::format("{}_{}", kernel.name, cases.size());
    cases.emplace_back(std::move(kernel), emit::DeviceTextOptions{.mapping = mapping, .inner_stride = stride});
  };
  const std::vector<ir::Kernel> kernels{jacobi(1), jacobi(2), jacobi(3), jacobi(3, DType::float32), box27(), d3q19()};
  for (const ir::Kernel& kernel : kernels) {
    add(kernel, cppstencils::kernel::thread_mapping(kernel, {}), ir::InnerStride::unit);
    for (const ir::IndexingScheme scheme : all_schemes) {
      add(kernel, cppstencils::kernel::thread_mapping(kernel, {.indexing_scheme = scheme}), ir::InnerStride::any);
    }
  }
  const DeviceLibrary library(cases, "-O2");
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const DeviceCase& one = cases[i];
    SCOPED_TRACE(fmt::format("{}: {}", one.kernel.name, describe(one.options)));
    const bool is_unit = one.options.inner_stride == ir::InnerStride::unit;
    for (const StrideMode mode : {StrideMode::contiguous, is_unit ? StrideMode::padded : StrideMode::negative}) {
      const RunInputs inputs = make_inputs(one.kernel, i, mode, RandomValues::ordinary);
      RunInputs actual = inputs;
      library.run(one, actual, inputs.begin, inputs.end, i);
      ASSERT_TRUE(same_buffers(one.kernel, interpreted(one.kernel, inputs), actual)) << one.text.text;
    }
  }
}

/// b = a + 2 * (a of another array), c = b before: in place where a and b are one array.
KernelFunction in_place_kernel() {
  const Field a("a", 2);
  const Field b("b", 2);
  const Field shifted("shifted", 2);
  return create_kernel({assign(b(0, 0), a(0, 0) * 2.0 + shifted(0, 1)), assign(Field("c", 2)(0, 0), a(0, 0))},
                       {.function_name = "in_place", .target = Target::cuda, .ghost_layers = 2});
}

TEST(DeviceText, TheSameArrayMayBeReadAndWrittenAtTheCell) {
  if (!has_compiler("g++")) GTEST_SKIP() << "There is no g++ on this machine.";
  const KernelFunction function = in_place_kernel();
  const ir::Kernel& kernel = function.kernel_ir();
  const std::vector<DeviceCase> cases{{kernel, {.mapping = {.block = {8, 1, 1}, .cells = {.outer = 2}}}}};
  const std::string& text = cases[0].text.text;
  EXPECT_NE(text.find("    const double* f_a,\n"), std::string::npos) << text;
  EXPECT_NE(text.find("    double* f_b,\n"), std::string::npos) << text;
  EXPECT_NE(text.find("    const double* __restrict__ f_shifted,\n"), std::string::npos) << text;
  const emit::DeviceText alone =
      emit::ir_to_device(kernel, {.mapping = {.block = {8, 1, 1}}, .sharing = emit::ArraySharing::none});
  EXPECT_NE(alone.text.find("    const double* __restrict__ f_a,\n"), std::string::npos) << alone.text;

  const DeviceLibrary library(cases, "-O3");
  RunInputs inputs = make_inputs(kernel, 5, StrideMode::contiguous, RandomValues::ordinary);
  inputs.buffers[1] = inputs.buffers[0];  // b is a, but for the place
  const RunInputs expected = interpreted(kernel, inputs);
  DeviceLibrary::with_arguments(inputs, [&](const CppstencilsKernelArguments& arguments) {
    std::vector<void*> data(arguments.data, arguments.data + kernel.buffers.size());
    data[1] = data[0];
    CppstencilsKernelArguments shared = arguments;
    shared.data = data.data();
    library.run(cases[0], shared, inputs.begin.data(), inputs.end.data(), 3);
  });
  inputs.buffers[1] = inputs.buffers[0];
  RunInputs shared = expected;
  shared.buffers[0] = shared.buffers[1];
  EXPECT_TRUE(same_buffers(kernel, shared, inputs));
}

TEST(DeviceText, ParametersAreThoseOfTheText) {
  const KernelFunction kernel = in_place_kernel();
  const emit::DeviceText text = emit::ir_to_device(
      kernel.kernel_ir(), {.mapping = kernel.launch_configuration().mapping(), .inner_stride = ir::InnerStride::unit});
  EXPECT_EQ(text.function_name, "cs_in_place");
  using Kind = emit::DeviceParameter::Kind;
  std::vector<emit::DeviceParameter> expected;
  for (std::uint32_t i = 0; i < 4; ++i) {
    const std::string name = kernel.kernel_ir().buffers[i].name;
    expected.push_back({Kind::data, i, 0, DType::float64, "f_" + name});
  }
  for (std::uint32_t i = 0; i < 4; ++i) {
    const std::string name = kernel.kernel_ir().buffers[i].name;
    expected.push_back({Kind::stride, i, 0, DType::int64, "stride0_" + name});
  }
  for (std::uint32_t d = 0; d < 2; ++d) {
    expected.push_back({Kind::begin, d, 0, DType::int64, fmt::format("begin{}", d)});
    expected.push_back({Kind::end, d, 0, DType::int64, fmt::format("end{}", d)});
  }
  EXPECT_EQ(text.parameters, expected);
  EXPECT_EQ(text.parameter_bytes, 12 * 8);
}

TEST(DeviceText, SmallScalarsArePacked) {
  const Field a("a", 1, {.dtype = DType::float32});
  const KernelFunction kernel =
      create_kernel(assign(a(0), select(Symbol("flag", DType::boolean), Symbol("x", DType::float32),
                                        cast(DType::float32, Symbol("n", DType::int8)))),
                    {.target = Target::cuda});
  const emit::DeviceText text =
      emit::ir_to_device(kernel.kernel_ir(), {.mapping = kernel.launch_configuration().mapping()});
  // data, stride, bool, int8, two bytes of padding, float32, begin, end
  EXPECT_EQ(text.parameter_bytes, 8 + 8 + 1 + 1 + 2 + 4 + 8 + 8) << text.text;
}

TEST(DeviceText, NarrowPlacesKeepCoordinatesWide) {
  const Field a("a", 2);
  const KernelFunction kernel = create_kernel(
      assign(a(0, 0), cast(DType::float64, coordinate(1) * 3'000'000'000) + a(0, 0)), {.target = Target::cuda});
  const emit::DeviceText text = emit::ir_to_device(
      kernel.kernel_ir(), {.mapping = {.block = {32, 1, 1}}, .index_width = emit::IndexWidth::bits32});
  EXPECT_NE(text.text.find("double(i64(u64(i64(i1)) * 3000000000))"), std::string::npos) << text.text;
  EXPECT_NE(text.text.find("const i32 v_a_row"), std::string::npos) << text.text;
}

TEST(DeviceText, LimitsOfNarrowPlaces) {
  const ir::Kernel kernel = jacobi(2);
  const auto fits = [&](std::int64_t rows, std::int64_t columns, std::int64_t gap) {
    const std::int64_t extents[] = {rows, columns};
    const std::int64_t strides[] = {columns * gap, -gap};
    const emit::ArrayShape shapes[] = {{extents, strides}, {extents, strides}};
    return emit::fits_narrow_index(kernel, {}, shapes);
  };
  EXPECT_TRUE(fits(40'000, 40'000, 1));
  EXPECT_FALSE(fits(40'000, 40'000, 2));
  EXPECT_FALSE(fits(50'000, 50'000, 1));
  EXPECT_FALSE(fits(std::int64_t{1} << 40, 1, 1));
  EXPECT_FALSE(fits(2, std::int64_t{1} << 31, 1));
}

}  // namespace
}  // namespace cppstencils::testing
