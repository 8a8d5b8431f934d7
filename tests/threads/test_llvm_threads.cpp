// LlvmJit from many threads, across fork() and during exit().

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "cppstencils/cppstencils.hpp"
#include "support/cache_testing.hpp"
#include "support/random.hpp"
#include "support/smooth_kernel.hpp"

namespace cppstencils::testing {
namespace {

using namespace std::chrono_literals;

/// Runs `body(thread number)` in threads that begin at the same time.
template <class Body>
void in_threads(int count, Body body) {
  std::atomic<int> ready = 0;
  std::vector<std::thread> threads;
  for (int number = 0; number < count; ++number) {
    threads.emplace_back([&, number] {
      ++ready;
      while (ready < count) std::this_thread::yield();
      body(number);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(LlvmThreads, CompileCallRelease) {
  LlvmJit jit({.cache = CacheOptions::off()});
  const std::uint64_t rounds = fuzz_rounds(12);
  in_threads(8, [&](int number) {
    for (std::uint64_t round = 0; round < rounds; ++round) {
      // Some kernels are those of other threads, some are not.
      const double factor = number % 2 == 0 ? 0.25 : 0.5 * static_cast<double>(round + 1);
      const auto executable = jit.build(smooth_kernel(factor, fmt::format("smooth_{}", round % 3)));
      EXPECT_EQ(run_smooth(*executable, InnerStride::unit), 4 * factor);
      if (round % 2 == 0) {
        EXPECT_EQ(run_smooth(*executable, InnerStride::any), 4 * factor);
      }
    }
  });
}

TEST(LlvmThreads, OneKernelIsCompiledOnce) {
  const TemporaryFolder folder;
  LlvmJit jit({.cache = {.directory = folder.path()}});
  constexpr int count = 16;
  std::vector<std::shared_ptr<Executable>> executables(count);
  std::vector<CppstencilsKernelFunction> functions(count);
  std::vector<CppstencilsKernelFunction> any_functions(count);
  in_threads(count, [&](int number) {
    const auto at = static_cast<std::size_t>(number);
    executables[at] = jit.build(smooth_kernel());
    functions[at] = executables[at]->entry_point({InnerStride::unit}).function;
    any_functions[at] = executables[at]->entry_point({InnerStride::any}).function;
  });
  EXPECT_EQ(std::set(functions.begin(), functions.end()).size(), 1);
  EXPECT_EQ(std::set(any_functions.begin(), any_functions.end()).size(), 1);
}

TEST(LlvmThreads, FirstUseOfAVariantFromManyThreads) {
  LlvmJit jit({.cache = CacheOptions::off()});
  for (int round = 0; round < 10; ++round) {
    const auto executable = jit.build(smooth_kernel(0.25 * (round + 1)));
    in_threads(4, [&](int) { EXPECT_EQ(run_smooth(*executable, InnerStride::any), round + 1.0); });
  }
}

/// Threads that compile until it is destroyed.
class BusyCompilers {
 public:
  BusyCompilers(LlvmJit& jit, int count) {
    for (int number = 0; number < count; ++number) {
      threads_.emplace_back([this, &jit, number] {
        for (int round = 0; !stop_; ++round) {
          jit.build(smooth_kernel(0.25, fmt::format("busy_{}_{}", number, round)));
          ++compiled;
        }
      });
    }
  }
  ~BusyCompilers() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  std::atomic<int> compiled = 0;

 private:
  std::atomic<bool> stop_ = false;
  std::vector<std::thread> threads_;
};

TEST(LlvmThreads, ChildrenOfForkCompileAndCall) {
  LlvmJit jit({.cache = CacheOptions::off()});
  const auto before = jit.build(smooth_kernel(0.5));
  BusyCompilers busy(jit, 3);
  for (std::uint64_t child = 0; child < fuzz_rounds(40); ++child) {
    const int status = run_in_child([&] {
      ::alarm(20);
      if (run_smooth(*before, InnerStride::unit) != 2.0) return 2;
      if (run_smooth(*before, InnerStride::any) != 2.0) return 3;
      // The same key as a thread of the parent may be compiling, and another one.
      if (run_smooth(*jit.build(smooth_kernel(0.25, fmt::format("busy_0_{}", busy.compiled / 3))), InnerStride::unit) !=
          1.0) {
        return 4;
      }
      if (run_smooth(*jit.build(smooth_kernel(0.75)), InnerStride::unit) != 3.0) return 5;
      return 0;
    });
    ASSERT_EQ(status, 0) << "child " << child;
  }
}

TEST(LlvmThreads, ExitWhileThreadsCompile) {
  for (std::uint64_t child = 0; child < fuzz_rounds(20); ++child) {
    const int status = run_in_child([&] {
      ::alarm(30);
      auto* jit = new LlvmJit({.cache = CacheOptions::off()});
      auto* busy = new BusyCompilers(*jit, 3);
      static std::optional<CompiledKernel> at_exit;  // destroyed by exit()
      at_exit = smooth_kernel().compile();
      while (busy->compiled < static_cast<int>(child)) std::this_thread::sleep_for(1ms);
      std::exit(0);
      return 1;
    });
    ASSERT_EQ(status, 0) << "child " << child;
  }
}

}  // namespace
}  // namespace cppstencils::testing
