// Kernels on a GPU from end to end: the text that NVRTC gets is executed by the stand-ins.

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
#include <thread>

#include "cppstencils/cppstencils.hpp"
#include "cppstencils/explain/explanation.hpp"
#include "support/standin.hpp"

namespace cppstencils::testing {
namespace {

using GpuJit = StandInTest;

std::shared_ptr<LegacyGpuJit> gpu_jit() {
  return std::make_shared<LegacyGpuJit>(LegacyGpuJitOptions{.cache = CacheOptions::off()});
}

CreateKernelConfig gpu_config(const std::string& name, Target target = Target::cuda) {
  CreateKernelConfig config;
  config.function_name = name;
  config.target = target;
  return config;
}

KernelFunction heat(int rank, Target target = Target::cuda) {
  const Field u("u", rank);
  const Field v("v", rank);
  const Symbol k("k");
  Expr sum = 0;
  for (int d = 0; d < rank; ++d) sum = sum + u.neighbor(d, -1) + u.neighbor(d, 1);
  return create_kernel(assign(v.center(), u.center() + k * (sum - 2 * rank * u.center())), gpu_config("heat", target));
}

template <class T>
void fill_with_numbers(Array<T>& array, int seed) {
  ASSERT_TRUE(array.is_dense());
  for (std::int64_t i = 0; i < array.size(); ++i) {
    array.data()[i] = static_cast<T>((static_cast<double>((i * 7919 + seed) % 1009) - 500) / 37);
  }
}

template <class T>
::testing::AssertionResult same_bits(const Array<T>& a, const Array<T>& b) {
  if (!a.is_dense() || !b.is_dense()) return ::testing::AssertionFailure() << "not dense";
  if (a.extents() != b.extents()) return ::testing::AssertionFailure() << "other extents";
  for (std::int64_t i = 0; i < a.size(); ++i) {
    if (std::memcmp(a.data() + i, b.data() + i, sizeof(T)) != 0) {
      return ::testing::AssertionFailure() << "element " << i << ": " << a.data()[i] << " and " << b.data()[i];
    }
  }
  return ::testing::AssertionSuccess();
}

/// Runs heat on the GPU and in the interpreter.
template <class T>
void expect_like_interpreter(int rank, const std::vector<std::int64_t>& extents, const Layout& layout) {
  Array<T> u(extents, {.layout = layout, .padding = Padding::none});
  fill_with_numbers(u, 1);
  Array<T> expected(extents, {.layout = layout, .padding = Padding::none});
  expected.fill(T(7));
  Array<T> actual = expected;
  InterpreterJit().compile(heat(rank, Target::cpu))({{"u", u}, {"v", expected}, {"k", 0.125}});
  const auto jit = gpu_jit();
  const CompiledKernel compiled = jit->compile(heat(rank));
  const GpuDevice device = jit->device();
  DeviceArray<T> device_u(device, extents, layout);
  DeviceArray<T> device_v(device, extents, layout);
  device_u.copy_from(u);
  device_v.copy_from(actual);
  compiled({{"u", device_u}, {"v", device_v}, {"k", 0.125}});
  device_v.copy_to(actual);
  EXPECT_TRUE(same_bits(expected, actual));
}

TEST_F(GpuJit, EqualsTheInterpreterInEveryRankAndLayout) {
  for (const Layout& layout : {Layout::c(), Layout::f()}) {
    expect_like_interpreter<double>(1, {1001}, layout);
    expect_like_interpreter<double>(2, {37, 130}, layout);
    expect_like_interpreter<double>(3, {7, 19, 34}, layout);
  }
  expect_like_interpreter<double>(3, {1, 1, 1}, Layout::c());
  expect_like_interpreter<double>(3, {3, 3, 3}, Layout::c());
}

TEST_F(GpuJit, PopulationsInEveryTypeAndMode) {
  for (const std::string type : {"double", "float"}) {
    for (const FpMode mode : {FpMode::strict, FpMode::contract, FpMode::fast}) {
      SCOPED_TRACE(type + " " + std::string(ir::to_string(mode)));
      auto [f, g] = fields<2>("f(3), g(3): " + type + "[2D]");
      AssignmentList list;
      for (int q = 0; q < 3; ++q) list.add(assign(g(0, 0)(q), f(q - 1, 0)(q) * f(0, 1 - q)(2 - q) + f(0, 0)(1) / 3));
      const auto kernel = [&](Target target) {
        CreateKernelConfig config = gpu_config("populations", target);
        config.fp_mode = mode;
        config.default_dtype = type == "double" ? DType::float64 : DType::float32;
        return create_kernel(list, config);
      };
      const auto jit = gpu_jit();
      const auto compare = [&]<class T>(T) {
        Array<T> from({11, 23, 3}, {.layout = "soa", .index_rank = 1, .padding = Padding::none});
        fill_with_numbers(from, 2);
        Array<T> expected = from;
        Array<T> actual = from;
        InterpreterJit().compile(kernel(Target::cpu))({{"f", from}, {"g", expected}});
        DeviceArray<T> a(jit->device(), {11, 23, 3}, "soa", 1);
        DeviceArray<T> b(jit->device(), {11, 23, 3}, "soa", 1);
        a.copy_from(from);
        b.copy_from(from);
        jit->compile(kernel(Target::cuda))({{"f", a}, {"g", b}});
        b.copy_to(actual);
        EXPECT_TRUE(same_bits(expected, actual));
      };
      type == "double" ? compare(double()) : compare(float());
    }
  }
}

TEST_F(GpuJit, AnyStridesAndTheSameArrayTwice) {
  const Field u("u", 2);
  const Field v("v", 2);
  const KernelFunction kernel = create_kernel(assign(v(0, 0), u(0, 0) * 3 + 1), gpu_config("affine"));
  const auto jit = gpu_jit();
  const CompiledKernel compiled = jit->compile(kernel);
  const std::vector<std::int64_t> extents{12, 40};
  Array<double> host(extents);
  fill_with_numbers(host, 3);
  DeviceArray<double> memory(jit->device(), extents);
  memory.copy_from(host);
  // Every second column, backwards in rows; both fields are one array.
  const std::int64_t row = memory.strides()[0];
  const DeviceView<double> part(memory.data() + 11 * row, {12, 20}, {-row, 2});
  compiled({{"u", part}, {"v", part}});
  Array<double> actual(extents);
  memory.copy_to(actual);
  for (std::int64_t x = 0; x < 12; ++x) {
    for (std::int64_t y = 0; y < 40; ++y) {
      EXPECT_EQ(actual(x, y), y % 2 == 0 ? host(x, y) * 3 + 1 : host(x, y));
    }
  }
  // The same array, whole.
  compiled({{"u", memory}, {"v", memory}});
  memory.copy_to(host);
  EXPECT_EQ(host(0, 1), actual(0, 1) * 3 + 1);
}

TEST_F(GpuJit, ScalarsOfEveryType) {
  const Field v("v", 1);
  const auto real = [](const char* name, DType dtype) { return cast(DType::float64, Symbol(name, dtype)); };
  const Expr value =
      real("a", DType::int32) + real("b", DType::uint8) + real("c", DType::float32) + real("d", DType::int64);
  const KernelFunction kernel = create_kernel(assign(v(0), value), gpu_config("sum"));
  const auto jit = gpu_jit();
  DeviceArray<double> out(jit->device(), {5});
  jit->compile(kernel)({{"v", out}, {"a", -3}, {"b", 200}, {"c", 0.5F}, {"d", std::int64_t{1} << 40}});
  Array<double> host({5});
  out.copy_to(host);
  EXPECT_EQ(host(4), -3.0 + 200 + 0.5 + 1099511627776.0);
}

TEST_F(GpuJit, EveryCallTakesAStreamAndNothingWaits) {
  const auto jit = gpu_jit();
  const CompiledKernel compiled = jit->compile(heat(2));
  const GpuDevice device = jit->device();
  DeviceArray<double> u(device, {8, 8});
  DeviceArray<double> v(device, {8, 8});
  u.fill(0);
  v.fill(0);
  const GpuStream stream = device.create_stream();
  const BoundKernel bound = compiled.bind({{"u", u}, {"v", v}, {"k", 0.1}});
  const long waits = ask("standin_synchronisations");
  compiled({{"u", u}, {"v", v}, {"k", 0.1}}, stream);
  EXPECT_EQ(ask<void*>("standin_last_stream"), Stream(stream).handle);
  bound();
  EXPECT_EQ(ask<void*>("standin_last_stream"), nullptr);
  bound(stream);
  EXPECT_EQ(ask<void*>("standin_last_stream"), Stream(stream).handle);
  bound.run(bound.box());
  EXPECT_EQ(ask<void*>("standin_last_stream"), nullptr);
  bound.run(bound.box(), stream);
  EXPECT_EQ(ask<void*>("standin_last_stream"), Stream(stream).handle);
  EXPECT_EQ(ask("standin_synchronisations"), waits);
  device.synchronize(stream);
  EXPECT_EQ(ask("standin_synchronisations"), waits + 1);
}

TEST_F(GpuJit, CallsCanBeCapturedIntoAGraph) {
  const auto jit = gpu_jit();
  const CompiledKernel compiled = jit->compile(heat(2));
  const GpuDevice device = jit->device();
  Array<double> host({9, 9});
  fill_with_numbers(host, 5);
  DeviceArray<double> u(device, {9, 9});
  DeviceArray<double> v(device, {9, 9});
  u.copy_from(host);
  v.copy_from(host);
  const GpuStream stream = device.create_stream();
  const BoundKernel there = compiled.bind({{"u", u}, {"v", v}, {"k", 0.1}});
  const BoundKernel back = compiled.bind({{"u", v}, {"v", u}, {"k", 0.1}});
  ask<void>("standin_begin_capture", Stream(stream).handle);
  there(stream);
  back(stream);
  compiled({{"u", u}, {"v", v}, {"k", 0.1}}, stream);
  EXPECT_EQ(ask("standin_end_capture"), 3) << "Something waited, allocated or loaded while a graph was captured.";
  Array<double> before({9, 9});
  v.copy_to(before);
  EXPECT_TRUE(same_bits(before, host)) << "A capture runs nothing.";
  ask<void>("standin_replay");
  Array<double> a = host;
  Array<double> b = host;
  const CompiledKernel reference = InterpreterJit().compile(heat(2, Target::cpu));
  reference({{"u", a}, {"v", b}, {"k", 0.1}});
  reference({{"u", b}, {"v", a}, {"k", 0.1}});
  reference({{"u", a}, {"v", b}, {"k", 0.1}});
  v.copy_to(before);
  EXPECT_TRUE(same_bits(before, b));
}

TEST_F(GpuJit, PartsOfABoundCall) {
  const auto jit = gpu_jit();
  const CompiledKernel compiled = jit->compile(heat(1));
  DeviceArray<double> u(jit->device(), {30});
  DeviceArray<double> v(jit->device(), {30});
  u.fill(0);
  v.fill(7);
  const BoundKernel bound = compiled.bind({{"u", u}, {"v", v}, {"k", 0.1}});
  EXPECT_EQ(bound.cells(), 28);
  const CellRange part{5, 9};
  bound.run({&part, 1});
  Array<double> host({30});
  v.copy_to(host);
  for (std::int64_t i = 0; i < 30; ++i) EXPECT_EQ(host(i), i >= 5 && i < 9 ? 0 : 7) << i;
  const CellRange outside{0, 9};
  EXPECT_THROW(bound.run({&outside, 1}), ArgumentError);
}

TEST_F(GpuJit, ArraysWithoutCellsStartNothing) {
  const auto jit = gpu_jit();
  const CompiledKernel compiled = jit->compile(heat(2));
  DeviceArray<double> u(jit->device(), {2, 0});
  DeviceArray<double> v(jit->device(), {2, 0});
  const long launches = ask("standin_launches");
  compiled({{"u", u}, {"v", v}, {"k", 0.1}});
  compiled.bind({{"u", u}, {"v", v}, {"k", 0.1}})();
  EXPECT_EQ(ask("standin_launches"), launches);
}

TEST_F(GpuJit, KernelsOutliveTheJitAndAreUnloaded) {
  const long references = ask("standin_references", 0);  // the default JIT of the process lives on
  {
    auto jit = gpu_jit();
    DeviceArray<double> u(jit->device(), {30});
    DeviceArray<double> v(jit->device(), {30});
    u.fill(0);
    CompiledKernel compiled = jit->compile(heat(1));
    jit.reset();
    const BoundKernel bound = CompiledKernel(compiled).bind({{"u", u}, {"v", v}, {"k", 0.1}});
    bound();
    EXPECT_GE(ask("standin_modules"), 1);
    EXPECT_EQ(ask("standin_allocations"), 2);
  }
  EXPECT_EQ(ask("standin_modules"), 0);
  EXPECT_EQ(ask("standin_allocations"), 0);
  EXPECT_EQ(ask("standin_references", 0), references);
}

TEST_F(GpuJit, CodeIsFoundInTheDiskCache) {
  const TemporaryFolder folder;
  const LegacyGpuJitOptions options{.cache = {.directory = folder.path()}};
  (void)LegacyGpuJit(options).compile(heat(2));
  configure("compile=6");
  const CompiledKernel compiled = LegacyGpuJit(options).compile(heat(2));
  EXPECT_THROW((void)LegacyGpuJit(options).compile(heat(3)), CompileError);
}

TEST_F(GpuJit, ManyThreadsCompileAndCall) {
  const auto jit = gpu_jit();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const CompiledKernel compiled = jit->compile(heat(1));
      DeviceArray<double> u(jit->device(), {50});
      DeviceArray<double> v(jit->device(), {50});
      u.fill(0);
      v.fill(7);
      for (int call = 0; call < 20; ++call) compiled({{"u", u}, {"v", v}, {"k", 0.1}});
      Array<double> host({50});
      v.copy_to(host);
      EXPECT_EQ(host(20), 0);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(GpuJit, SaysWhatThereIsAndWhyNot) {
  GpuAvailability found = gpu_jit()->available();
  EXPECT_TRUE(found);
  EXPECT_EQ(found.compiler, "NVRTC 13.0");
  EXPECT_EQ(found.device, "Stand-in GPU 0, sm_90");
  configure("init=100");
  found = gpu_jit()->available();
  EXPECT_FALSE(found);
  EXPECT_EQ(found.compiler, "NVRTC 13.0");
  EXPECT_EQ(found.device, "");
  EXPECT_EQ(found.reason, "The CUDA driver finds no GPU.");
}

TEST_F(GpuJit, CodeWithoutAGpu) {
  configure("init=100");
  const auto jit = gpu_jit();
  EXPECT_FALSE(jit->compile_to_code(heat(3), "sm_90").empty());
  EXPECT_FALSE(jit->compile_to_code(heat(3), "compute_80").empty());
  EXPECT_THROW(jit->compile_to_code(heat(3)), UnsupportedError) << "For which GPU?";
  EXPECT_THROW(jit->compile(heat(3)), UnsupportedError);
}

TEST_F(GpuJit, AssemblyButNoExplanationOrTuningOfCalls) {
  const auto jit = gpu_jit();
  const CompiledKernel compiled = jit->compile(heat(1));
  EXPECT_FALSE(compiled.assembly().empty());
  DeviceArray<double> u(jit->device(), {50});
  DeviceArray<double> v(jit->device(), {50});
  const BoundKernel bound = compiled.bind({{"u", u}, {"v", v}, {"k", 0.1}});
  EXPECT_THROW((void)bound.explain(), UnsupportedError);
  EXPECT_THROW((void)bound.measure(), UnsupportedError);
  EXPECT_THROW((void)bound.tune(), UnsupportedError);
}

TEST_F(GpuJit, DefaultJitOfTheTarget) {
  const CompiledKernel compiled = heat(1).compile();
  const GpuDevice device = GpuDevice::open();
  DeviceArray<double> u(device, {50});
  DeviceArray<double> v(device, {50});
  u.fill(0);
  compiled({{"u", u}, {"v", v}, {"k", 0.1}});
  Array<double> host({50});
  v.copy_to(host);
  EXPECT_EQ(host(1), 0);
}

TEST_F(GpuJit, DeviceArraysCopyEveryLayoutAndFill) {
  const GpuDevice device = GpuDevice::open();
  const std::vector<std::int64_t> extents{3, 5, 21};
  Array<float> c(extents);
  fill_with_numbers(c, 11);
  for (const Layout& layout : {Layout::c(), Layout::f()}) {
    DeviceArray<float> memory(device, extents, layout);
    memory.copy_from(c);
    Array<float> back(extents, layout);
    memory.copy_to(back);
    for (std::int64_t x = 0; x < 3; ++x) {
      for (std::int64_t y = 0; y < 5; ++y) {
        for (std::int64_t z = 0; z < 21; ++z) EXPECT_EQ(back(x, y, z), c(x, y, z));
      }
    }
    memory.fill(1.5F);
    memory.copy_to(back);
    EXPECT_EQ(back(2, 4, 20), 1.5F);
  }
  // Rows of 100 doubles begin every 112: at multiples of 128 bytes.
  const DeviceArray<double> padded(device, {4, 100});
  EXPECT_EQ(padded.strides(), (std::vector<std::int64_t>{112, 1}));
  const DeviceArray<double> short_rows(device, {4, 10});
  EXPECT_EQ(short_rows.strides(), (std::vector<std::int64_t>{10, 1}));
  DeviceArray<double> moved(device, {4, 10});
  DeviceArray<double> other(device, {7});
  swap(moved, other);
  EXPECT_EQ(moved.extents(), (std::vector<std::int64_t>{7}));
  Array<double> wrong({8});
  EXPECT_THROW(moved.copy_from(wrong), ArgumentError);
}

}  // namespace
}  // namespace cppstencils::testing
