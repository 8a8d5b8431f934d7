// Several JITs, many kernels, many threads at once: compile, call, drop, in every order.

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <random>
#include <thread>

#include "cppstencils/cppstencils.hpp"
#include "support/cache_testing.hpp"

namespace cppstencils {
namespace {

constexpr int kernels = 3;
constexpr std::int64_t cells = 37;

KernelFunction create(int number) {
  auto [u, v] = fields<2>("u, v: double[1D]");
  return create_kernel(assign(v(0), (u(1) - u(-1)) * number + Symbol("h")),
                       {.function_name = "difference_" + std::to_string(number)});
}

double expected(int number, std::int64_t i) {
  return i == 0 || i == cells - 1 ? 0.0 : (static_cast<double>(i + 1) - static_cast<double>(i - 1)) * number + 0.5;
}

void call_and_check(const CompiledKernel& kernel, int number) {
  Array<double> u({cells}), v({cells});
  for (std::int64_t i = 0; i < cells; ++i) u(i) = static_cast<double>(i);
  kernel({{"u", u}, {"v", v}, {"h", 0.5}});
  for (std::int64_t i = 0; i < cells; ++i)
    ASSERT_EQ(v(i), expected(number, i)) << "kernel " << number << ", cell " << i;
}

std::vector<std::shared_ptr<JitBase>> make_jits(const CacheOptions& cache) {
  std::vector<std::shared_ptr<JitBase>> jits = {
      std::make_shared<InterpreterJit>(),
      std::make_shared<LegacyCpuJit>(LegacyCpuJitOptions{.optimization = "-O0", .cache = cache})};
  if (LlvmJit::unavailable_reason().empty()) {
    jits.push_back(std::make_shared<LlvmJit>(LlvmJitOptions{.cache = cache}));
    jits.push_back(std::make_shared<LlvmJit>(LlvmJitOptions{.cache = CacheOptions::off()}));
  }
  return jits;
}

TEST(Threads, ManyKernelsFromManyJitsAreCompiledCalledAndDropped) {
  const testing::TemporaryFolder folder;
  const CacheOptions cache{.directory = folder.path()};
  constexpr int threads = 6, rounds = 20;
  const std::vector<std::shared_ptr<JitBase>> jits = make_jits(cache);
  std::vector<std::thread> workers;
  for (int thread = 0; thread < threads; ++thread) {
    workers.emplace_back([&jits, thread] {
      std::mt19937_64 random(static_cast<std::uint64_t>(thread));
      std::vector<std::pair<CompiledKernel, int>> held;
      for (int round = 0; round < rounds; ++round) {
        const int number = 1 + static_cast<int>(random() % kernels);
        JitBase& jit = *jits[random() % jits.size()];
        held.emplace_back(jit.compile(create(number)), number);
        const auto& [kernel, its_number] = held[random() % held.size()];
        call_and_check(kernel, its_number);
        if (random() % 2 == 0) held.erase(held.begin() + static_cast<std::ptrdiff_t>(random() % held.size()));
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
}

TEST(Threads, AJitMayGoWhileOthersUseItsKernels) {
  const testing::TemporaryFolder folder;
  const CacheOptions cache{.directory = folder.path()};
  for (std::shared_ptr<JitBase>& jit : make_jits(cache)) {
    std::optional<CompiledKernel> kernel = jit->compile(create(1));
    std::atomic<int> running = 0;
    std::vector<std::thread> workers;
    for (int thread = 0; thread < 4; ++thread) {
      workers.emplace_back([mine = *kernel, &running] {
        ++running;
        for (int call = 0; call < 50; ++call) call_and_check(mine, 1);
      });
    }
    while (running == 0) std::this_thread::yield();
    jit.reset();
    kernel.reset();
    for (std::thread& worker : workers) worker.join();
  }
}

// One kernel for all threads, each with arrays and a bound call of its own.
TEST(Threads, OneKernelIsCalledByAll) {
  const testing::TemporaryFolder folder;
  const CacheOptions cache{.directory = folder.path()};
  for (const std::shared_ptr<JitBase>& jit : make_jits(cache)) {
    const CompiledKernel kernel = jit->compile(create(2));
    std::vector<std::thread> workers;
    for (int thread = 0; thread < 6; ++thread) {
      workers.emplace_back([&kernel] {
        call_and_check(kernel, 2);
        Array<double> u({cells}), v({cells});
        u.fill(1);
        const BoundKernel step = kernel.bind({{"u", u}, {"v", v}, {"h", 0.25}});
        for (int call = 0; call < 100; ++call) step();
        EXPECT_EQ(v(1), 0.25);
      });
    }
    for (std::thread& worker : workers) worker.join();
  }
}

}  // namespace
}  // namespace cppstencils
