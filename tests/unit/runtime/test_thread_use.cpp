#include "runtime/thread_use.hpp"

#include <gtest/gtest.h>

#include "runtime/processors.hpp"
#include "support/parallel_kernels.hpp"

namespace cppstencils::testing {
namespace {

/// Number of parts in which a call of the kernel runs; 1 where the executor is not asked.
std::size_t parts(KernelFunction (*kernel)(const CreateKernelConfig&), CpuOptions options, std::int64_t extent) {
  const auto executor = std::make_shared<CountingExecutor>();
  options.executor = executor;
  const CompiledKernel compiled(kernel({.cpu = options}),
                                std::make_shared<BoxExecutable>([](auto*, auto*) { return 0; }));
  Array<double> u({extent, extent}), v({extent, extent});
  compiled({{"u", u}, {"v", v}});
  const std::size_t checked = executor->calls == 0 ? 1 : executor->parts.load();
  compiled.bind({{"u", u}, {"v", v}})();
  EXPECT_EQ(executor->calls == 0 ? 1 : executor->parts.load(), checked);
  EXPECT_TRUE(executor->calls == 0 || executor->calls == 2);
  return checked;
}

KernelFunction five_points(const CreateKernelConfig& config) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  return create_kernel(assign(v(0, 0), rational(1, 5) * (u(0, 0) + u(1, 0) + u(-1, 0) + u(0, 1) + u(0, -1))), config);
}

KernelFunction every_third(const CreateKernelConfig& config) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  CreateKernelConfig sliced = config;
  sliced.iteration_slice = slices("::3, ::3");
  return create_kernel(assign(v(0, 0), u(0, 0)), sliced);
}

KernelFunction one_by_one(const CreateKernelConfig& config) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  CreateKernelConfig unchecked = config;
  unchecked.skip_independence_check = true;
  return create_kernel(assign(v(0, 0), u(0, 0) + v(-1, 0)), unchecked);
}

TEST(ThreadUse, SmallCallsStayOnTheirThread) {
  EXPECT_EQ(parts(five_points, {.threads = 4}, 3), 1);
  EXPECT_EQ(parts(five_points, {.threads = 4}, 200), 1);
  EXPECT_EQ(parts(five_points, {.threads = 4}, 2), 1);
}

TEST(ThreadUse, LargeCallsUseWhatTheyAreGiven) {
  for (const int threads : {1, 2, 3, 4, 7}) {
    EXPECT_EQ(parts(five_points, {.threads = threads}, 2000), static_cast<std::size_t>(threads));
  }
  EXPECT_EQ(parts(five_points, {}, 2000), static_cast<std::size_t>(runtime::available_processors()));
}

TEST(ThreadUse, EveryThreadHasEnoughToDo) {
  const std::size_t some = parts(five_points, {.threads = 1000}, 1000);
  EXPECT_GT(some, 4);
  EXPECT_LT(some, 50);
  const std::size_t most = parts(five_points, {.threads = 100'000'000}, 20'000);
  EXPECT_GT(most, 900);
  EXPECT_LE(most, 1024);
}

TEST(ThreadUse, OnlyCellsCountAsWork) {
  EXPECT_EQ(parts(every_third, {.threads = 2}, 700), 1);
  EXPECT_EQ(parts(every_third, {.threads = 2}, 4000), 2);
}

TEST(ThreadUse, DependentCellsAreNeverSplit) { EXPECT_EQ(parts(one_by_one, {.threads = 4}, 4000), 1); }

TEST(ThreadUse, TheEnvironmentSetsALimit) {
  const ScopedVariable variable("CPPSTENCILS_THREADS", "3");
  EXPECT_EQ(parts(five_points, {.threads = 7}, 2000), 3);
  EXPECT_EQ(parts(five_points, {.threads = 2}, 2000), 2);
  const ScopedVariable one("CPPSTENCILS_THREADS", "1");
  EXPECT_EQ(parts(five_points, {.threads = 7}, 2000), 1);
  EXPECT_EQ(parts(five_points, {}, 2000), 1);
}

TEST(ThreadUse, RunStaysOnTheThreadOfTheCaller) {
  const auto executor = std::make_shared<CountingExecutor>();
  int boxes = 0;
  const CompiledKernel kernel(waves({.cpu = {.threads = 4, .executor = executor}}),
                              std::make_shared<BoxExecutable>([&](auto*, auto*) { return ++boxes, 0; }));
  LargeArrays arrays;
  const BoundKernel step = kernel.bind({{"u", arrays.u}, {"v", arrays.v}});
  step.run(step.box());
  EXPECT_EQ(boxes, 1);
  EXPECT_EQ(executor->calls, 0);
}

TEST(ThreadUse, CostGrowsWithTheWorkOfACell) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  const auto time = [&, target = v](const Expr& value) {
    return runtime::cell_time(create_kernel(assign(target(0, 0), value)).kernel_ir());
  };
  EXPECT_GT(time(0), 0);
  EXPECT_GT(time(u(0, 0)), time(0));
  EXPECT_GT(time(u(0, 0) + u(1, 0)), time(u(0, 0)));
  EXPECT_GT(time(u(0, 0) / u(1, 0)), time(u(0, 0) + u(1, 0)));
  EXPECT_GT(time(sin(u(0, 0))), time(sqrt(u(0, 0))));
  // The generator divides by powers of two only.
  EXPECT_GT(time(Philox(DType::float64, 1).uniform(0)[0]), time(sin(u(0, 0))));
  EXPECT_LT(time(Philox(DType::float64, 1).uniform(0)[0]), 2 * time(sin(u(0, 0))));
}

}  // namespace
}  // namespace cppstencils::testing
