// Reductions on a GPU, over the stand-ins: the bits of the interpreter, memory and streams, errors.

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <random>

#include <fmt/format.h>

#include "cppstencils/cppstencils.hpp"
#include "cppstencils/kernel/launch_configuration.hpp"
#include "support/expect_error.hpp"
#include "support/standin.hpp"

namespace cppstencils::testing {
namespace {

using GpuReductions = StandInTest;

constexpr ReductionOp all_ops[] = {ReductionOp::add, ReductionOp::subtract, ReductionOp::multiply, ReductionOp::minimum,
                                   ReductionOp::maximum};

std::shared_ptr<LegacyGpuJit> gpu_jit() {
  return std::make_shared<LegacyGpuJit>(LegacyGpuJitOptions{.cache = CacheOptions::off()});
}

template <class T>
void fill_with_numbers(Array<T>& array) {
  ASSERT_TRUE(array.is_dense());
  std::mt19937_64 random(7);
  for (std::int64_t i = 0; i < array.size(); ++i) {
    array.data()[i] = std::is_floating_point_v<T> ? static_cast<T>(0.75 + static_cast<double>(random() % 1000) / 2000)
                                                  : static_cast<T>(random());
  }
}

/// Every operation, and a field that is stored in the same pass.
template <class T>
KernelFunction all_reductions(int rank, const std::string& slice, Target target) {
  const Field u("u", rank, {.dtype = dtype_of<T>()});
  const Field v("v", rank, {.dtype = dtype_of<T>()});
  AssignmentList list{assign(v.center(), u.center() * 3)};
  for (const ReductionOp op : all_ops) list.add(reduce(op, Symbol(to_string(op)), u.center()));
  CreateKernelConfig config;
  config.function_name = "all";
  config.iteration_slice = slices(slice);
  config.target = target;
  return create_kernel(list, config);
}

template <class T>
bool same_bits(const Array<T>& a, const Array<T>& b) {
  return std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(T)) == 0;
}

template <class T>
void expect_like_interpreter(const std::vector<std::int64_t>& extents, const std::string& slice,
                             const Layout& layout = Layout::c(), std::optional<T> special = {}) {
  SCOPED_TRACE(fmt::format("{} {} {}", to_string(dtype_of<T>()), extents.size(), slice));
  const ArrayOptions options{.layout = layout, .padding = Padding::none};
  Array<T> u(extents, options);
  fill_with_numbers(u);
  if (special) u.data()[u.size() / 2] = *special;
  Array<T> expected(extents, options);
  expected.fill(T(7));
  Array<T> actual = expected;
  const int rank = u.rank();
  std::vector<Array<T>> numbers;
  for (std::size_t i = 0; i < std::size(all_ops); ++i) numbers.emplace_back(std::vector<std::int64_t>{1}).fill(T(3));
  std::vector<Argument> arguments{{"u", u}, {"v", expected}};
  for (std::size_t i = 0; i < numbers.size(); ++i) arguments.emplace_back(to_string(all_ops[i]), numbers[i]);
  InterpreterJit().compile(all_reductions<T>(rank, slice, Target::cpu))(arguments);

  const auto jit = gpu_jit();
  const CompiledKernel compiled = jit->compile(all_reductions<T>(rank, slice, Target::cuda));
  const GpuDevice device = jit->device();
  DeviceArray<T> device_u(device, extents, layout);
  DeviceArray<T> device_v(device, extents, layout);
  device_u.copy_from(u);
  device_v.copy_from(actual);
  std::vector<DeviceArray<T>> results;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    results.emplace_back(device, std::vector<std::int64_t>{1}).fill(T(3));
  }
  std::vector<Argument> on_device{{"u", device_u}, {"v", device_v}};
  for (std::size_t i = 0; i < results.size(); ++i) on_device.emplace_back(to_string(all_ops[i]), results[i]);
  compiled(on_device);
  device_v.copy_to(actual);
  EXPECT_TRUE(same_bits(expected, actual));
  for (std::size_t i = 0; i < results.size(); ++i) {
    Array<T> result({1});
    results[i].copy_to(result);
    const bool are_both_nan = result(0) != result(0) && numbers[i](0) != numbers[i](0);
    EXPECT_TRUE(are_both_nan || std::memcmp(result.data(), numbers[i].data(), sizeof(T)) == 0)
        << to_string(all_ops[i]) << ": " << +numbers[i](0) << " and " << +result(0);
  }
}

TEST_F(GpuReductions, HaveTheBitsOfTheInterpreterInEveryType) {
  const std::vector<std::int64_t> extents{300, 130};
  const std::string slice = "1:-1, 2:";
  expect_like_interpreter<double>(extents, slice);
  expect_like_interpreter<float>(extents, slice);
  expect_like_interpreter<std::int64_t>(extents, slice);
  expect_like_interpreter<std::int32_t>(extents, slice);
  expect_like_interpreter<std::int16_t>(extents, slice);
  expect_like_interpreter<std::int8_t>(extents, slice);
  expect_like_interpreter<std::uint64_t>(extents, slice);
  expect_like_interpreter<std::uint32_t>(extents, slice);
  expect_like_interpreter<std::uint16_t>(extents, slice);
  expect_like_interpreter<std::uint8_t>(extents, slice);
}

TEST_F(GpuReductions, HaveTheBitsOfTheInterpreterInEveryShape) {
  expect_like_interpreter<double>({1}, ":");
  expect_like_interpreter<double>({63}, "1:");
  expect_like_interpreter<double>({40011}, "3:-2:2");
  expect_like_interpreter<double>({70'000, 3}, ":, :");   // more tiles than a thread combines
  expect_like_interpreter<double>({600'000, 1}, ":, :");  // more than a block combines at once
  expect_like_interpreter<double>({5, 40, 33}, ":, 1:-1, ::2");
}

TEST_F(GpuReductions, HaveTheBitsOfTheInterpreterInEveryLayoutAndWithSpecialValues) {
  expect_like_interpreter<double>({70, 300}, ":, :", Layout::f());
  expect_like_interpreter<double>({70, 300}, ":, :", Layout::c(), std::numeric_limits<double>::quiet_NaN());
  expect_like_interpreter<float>({70, 300}, ":, :", Layout::c(), std::numeric_limits<float>::infinity());
}

/// The sum of an array, on the GPU and in the interpreter.
class GpuSum : public StandInTest {
 protected:
  static KernelFunction sum(Target target) {
    CreateKernelConfig config;
    config.function_name = "sum";
    config.target = target;
    return create_kernel({reduce(ReductionOp::add, Symbol("w"), Field("u", 1)(0))}, config);
  }

  GpuSum() : jit_(gpu_jit()), host_({40'000}, {.padding = Padding::none}) {
    fill_with_numbers(host_);
    device_.emplace(jit_->device());
    u_.emplace(*device_, std::vector<std::int64_t>{40'000});
    w_.emplace(*device_, std::vector<std::int64_t>{1});
    u_->copy_from(host_);
    w_->fill(0);
  }

  double result() {
    Array<double> number({1});
    w_->copy_to(number);
    return number(0);
  }
  double after(int calls) {
    Array<double> number({1});
    number(0) = 0;
    const CompiledKernel reference = InterpreterJit().compile(sum(Target::cpu));
    for (int i = 0; i < calls; ++i) reference({{"u", host_}, {"w", number}});
    return number(0);
  }

  std::shared_ptr<LegacyGpuJit> jit_;
  Array<double> host_;
  std::optional<GpuDevice> device_;
  std::optional<DeviceArray<double>> u_;
  std::optional<DeviceArray<double>> w_;
};

TEST_F(GpuSum, BoundCallsAreRepeatedAndKeepTheirMemory) {
  const CompiledKernel compiled = jit_->compile(sum(Target::cuda));
  const long allocations = ask("standin_allocations");
  const long launches = ask("standin_launches");
  {
    const BoundKernel bound = compiled.bind({{"u", *u_}, {"w", *w_}});
    EXPECT_EQ(ask("standin_allocations"), allocations + 1);
    configure("memory=2");  // a launch allocates nothing
    const GpuStream stream = device_->create_stream();
    const long waits = ask("standin_synchronisations");
    bound();
    bound(stream);
    EXPECT_EQ(ask<void*>("standin_last_stream"), Stream(stream).handle);
    bound();
    EXPECT_EQ(ask("standin_synchronisations"), waits);
    EXPECT_EQ(ask("standin_launches"), launches + 6);
    EXPECT_EQ(ask("standin_allocations"), allocations + 1);
  }
  EXPECT_EQ(ask("standin_allocations"), allocations);
  EXPECT_EQ(result(), after(3));
}

TEST_F(GpuSum, OtherCallsTakeMemoryInTheOrderOfTheirStream) {
  const CompiledKernel compiled = jit_->compile(sum(Target::cuda));
  const long allocations = ask("standin_allocations");
  const long queued = ask("standin_queued_allocations");
  const long waits = ask("standin_synchronisations");
  const GpuStream stream = device_->create_stream();
  compiled({{"u", *u_}, {"w", *w_}}, stream);
  compiled({{"u", *u_}, {"w", *w_}});
  EXPECT_EQ(ask("standin_queued_allocations"), queued + 2);
  EXPECT_EQ(ask("standin_allocations"), allocations);
  EXPECT_EQ(ask("standin_synchronisations"), waits);
  EXPECT_EQ(result(), after(2));
}

TEST_F(GpuSum, DriversWithoutSuchMemoryWait) {
  const CompiledKernel compiled = jit_->compile(sum(Target::cuda));
  const long allocations = ask("standin_allocations");
  const long waits = ask("standin_synchronisations");
  configure("pools=0");
  compiled({{"u", *u_}, {"w", *w_}});
  EXPECT_EQ(ask("standin_synchronisations"), waits + 1);
  EXPECT_EQ(ask("standin_allocations"), allocations);
  EXPECT_EQ(result(), after(1));
}

TEST_F(GpuSum, CallsCanBeCapturedIntoAGraph) {
  const CompiledKernel compiled = jit_->compile(sum(Target::cuda));
  const GpuStream stream = device_->create_stream();
  const BoundKernel bound = compiled.bind({{"u", *u_}, {"w", *w_}});
  ask<void>("standin_begin_capture", Stream(stream).handle);
  bound(stream);
  compiled({{"u", *u_}, {"w", *w_}}, stream);
  EXPECT_EQ(ask("standin_end_capture"), 4) << "Something forbidden was called while a graph was captured.";
  EXPECT_EQ(result(), 0) << "A capture runs nothing.";
  ask<void>("standin_replay");
  EXPECT_EQ(result(), after(2));
}

TEST_F(GpuSum, FailuresAreReportedAndLeaveNothingBehind) {
  const CompiledKernel compiled = jit_->compile(sum(Target::cuda));
  const long allocations = ask("standin_allocations");
  configure("memory=2");
  const std::string text =
      "error[launch-failed]: The GPU driver could not allocate 24 bytes for the reductions of kernel 'sum'.\n"
      "  note: CUDA_ERROR_OUT_OF_MEMORY (2): the stand-in says so\n"
      "  hint: Free device arrays, or use smaller ones.\n";
  expect_error<LaunchError>(
      ErrorCode::launch_failed,
      [&] {
        compiled({{"u", *u_}, {"w", *w_}});
      },
      text);
  expect_error<LaunchError>(
      ErrorCode::launch_failed,
      [&] {
        (void)compiled.bind({{"u", *u_}, {"w", *w_}});
      },
      text);
  configure("launch=719");
  EXPECT_THROW(compiled({{"u", *u_}, {"w", *w_}}), LaunchError);
  EXPECT_THROW(compiled.bind({{"u", *u_}, {"w", *w_}})(), LaunchError);
  EXPECT_EQ(ask("standin_allocations"), allocations);
  configure("");
  EXPECT_EQ(result(), 0);
  compiled({{"u", *u_}, {"w", *w_}});
  EXPECT_EQ(result(), after(1));
}

TEST_F(GpuSum, CodeIsFoundInTheDiskCache) {
  const TemporaryFolder folder;
  const LegacyGpuJitOptions options{.cache = {.directory = folder.path()}};
  LegacyGpuJit(options).compile(sum(Target::cuda))({{"u", *u_}, {"w", *w_}});
  configure("compile=6");  // NVRTC compiles nothing any more
  LegacyGpuJit(options).compile(sum(Target::cuda))({{"u", *u_}, {"w", *w_}});
  configure("");
  EXPECT_EQ(result(), after(2));
}

TEST_F(GpuSum, NoCellsChangeNothing) {
  const CompiledKernel compiled = jit_->compile(sum(Target::cuda));
  const DeviceArray<double> empty(*device_, {0});
  const long launches = ask("standin_launches");
  w_->fill(5);
  compiled({{"u", empty}, {"w", *w_}});
  compiled.bind({{"u", empty}, {"w", *w_}})();
  EXPECT_EQ(ask("standin_launches"), launches);
  EXPECT_EQ(result(), 5);
}

TEST_F(GpuSum, ArgumentsAreChecked) {
  const CompiledKernel compiled = jit_->compile(sum(Target::cuda));
  const long launches = ask("standin_launches");
  Array<double> on_host({1});
  expect_error<ArgumentError>(
      ErrorCode::argument_device,
      [&] {
        compiled({{"u", *u_}, {"w", on_host}});
      },
      "error[argument-device]: Array 'w' is in the memory of the host, but kernel 'sum' runs on GPU 0.\n"
      "  hint: Copy the array to that GPU; arrays are never copied behind your back.\n");
  expect_error<ArgumentError>(
      ErrorCode::argument_device,
      [&] {
        InterpreterJit().compile(sum(Target::cpu))({{"u", host_}, {"w", *w_}});
      },
      "error[argument-device]: Array 'w' is in the memory of GPU 0, but kernel 'sum' runs on the CPU.\n"
      "  hint: Copy the array to the host, or create the kernel with a GPU target.\n");
  expect_error<ArgumentError>(
      ErrorCode::argument_device,
      [&] {
        compiled({{"u", *u_}, {"w", DeviceView<double>(on_host.data(), {1})}});
      },
      "error[argument-device]: Array 'w' is said to be in the memory of GPU 0, but its pointer is not.\n"
      "  hint: Pass the address that the GPU's allocator returned.\n");
  DeviceArray<float> single(*device_, {1});
  EXPECT_THROW(compiled({{"u", *u_}, {"w", single}}), TypeMismatch);
  DeviceArray<double> two(*device_, {2});
  EXPECT_THROW(compiled({{"u", *u_}, {"w", two}}), ArgumentError);
  EXPECT_THROW(compiled({{"u", *u_}, {"w", 1.0}}), TypeMismatch);
  EXPECT_THROW(compiled({{"u", *u_}, {"w", DeviceView<double>(u_->data() + 3, {1})}}), ArgumentError);
  const BoundKernel bound = compiled.bind({{"u", *u_}, {"w", *w_}});
  EXPECT_THROW(bound.run(bound.box()), UnsupportedError);
  EXPECT_EQ(ask("standin_launches"), launches);
}

TEST_F(GpuSum, OptionsThatWouldChangeTheOrderAreRefused) {
  const auto with = [&](const GpuOptions& options) {
    CreateKernelConfig config;
    config.function_name = "sum";
    config.target = Target::cuda;
    config.gpu = options;
    return create_kernel({reduce(ReductionOp::add, Symbol("w"), Field("u", 1)(0))}, config);
  };
  expect_error<ConfigError>(
      ErrorCode::invalid_config,
      [&] {
        (void)with({.block_size = {{128, 1, 1}}});
      },
      "error[invalid-config]: 'gpu.block_size' is set, but kernel 'sum' has reductions: a block of 64 threads computes "
      "a tile of its cells, so that the result does not depend on options.\n"
      "  note: While creating kernel 'sum'.\n"
      "  hint: Leave 'gpu.block_size' unset.\n");
  EXPECT_THROW((void)with({.indexing_scheme = IndexingScheme::linear1d}), ConfigError);
  EXPECT_THROW((void)with({.cells_per_thread = CellsPerThread{.inner = 2}}), ConfigError);
  EXPECT_THROW((void)with({.launch_grid = LaunchGrid::manual}), ConfigError);
  EXPECT_THROW(create_kernel(assign(Field("v", 1)(0), Field("u", 1)(0)),
                             {.target = Target::cuda, .gpu = {.indexing_scheme = IndexingScheme::tiles}}),
               ConfigError);

  const LaunchRule rule = with({}).launch_configuration();
  EXPECT_EQ(rule.mapping().scheme, IndexingScheme::tiles);
  EXPECT_EQ(rule.grid(), (std::array<std::string, 3>{"ceil((end_0 - begin_0) / 16384)", "1", "1"}));
  EXPECT_EQ(rule.block(), (std::array<std::string, 3>{"64", "1", "1"}));
  const std::vector<CellRange> box{{0, 40'000}};
  EXPECT_EQ(rule.configuration(box), (LaunchConfiguration{{3, 1, 1}, {64, 1, 1}}));
  EXPECT_EQ(rule.launches(box).size(), 1U);
  EXPECT_THROW((void)rule.launches(box, {.grid = {2, 1, 1}}), LaunchError);

  const CompiledKernel compiled = jit_->compile(sum(Target::cuda));
  expect_error<ArgumentError>(
      ErrorCode::argument_size,
      [&] {
        compiled({{"u", *u_}, {"w", *w_}}, {.grid = {{3, 1, 1}}});
      },
      "error[argument-size]: Kernel 'sum' has reductions, and its grid has a block for each tile of its cells.\n"
      "  hint: Give no grid.\n");
  EXPECT_THROW(compiled({{"u", *u_}, {"w", *w_}}, {.block = {{32, 1, 1}}}), ArgumentError);
}

}  // namespace
}  // namespace cppstencils::testing
