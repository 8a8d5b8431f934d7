// Calls that use several threads: what they compute, which threads they use, and what happens across fork() and exit().

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <cfenv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "runtime/thread_pool.hpp"
#include "support/cache_testing.hpp"
#include "support/parallel_kernels.hpp"
#include "support/random.hpp"

// Children of fork() start threads here, which ThreadSanitizer must be told.
extern "C" __attribute__((visibility("default"))) const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() { return "die_after_fork=0"; }

namespace cppstencils::testing {
namespace {

using namespace std::chrono_literals;

#if defined(__SANITIZE_THREAD__)
constexpr bool is_thread_sanitizer = true;
#else
constexpr bool is_thread_sanitizer = false;
#endif

/// The interpreter is plain C++, so that ThreadSanitizer sees its accesses to the arrays.
CompiledKernel interpreted(std::optional<int> threads, std::shared_ptr<Executor> executor = {}) {
  return waves({.jit = std::make_shared<InterpreterJit>(), .cpu = {.threads = threads, .executor = executor}})
      .compile();
}

const Array<double>& expected() {
  static const Array<double>& result = *[] {
    LargeArrays arrays;
    interpreted(1)({{"u", arrays.u}, {"v", arrays.v}});
    return new Array<double>(arrays.v);
  }();
  return result;
}

bool computes_right(const CompiledKernel& kernel) {
  LargeArrays arrays;
  kernel({{"u", arrays.u}, {"v", arrays.v}});
  return same(arrays.v, expected());
}

CompiledKernel with_boxes(BoxExecutable::Function function, const CpuOptions& options) {
  return {waves({.cpu = options}), std::make_shared<BoxExecutable>(std::move(function))};
}

TEST(ParallelCalls, EveryNumberOfThreadsGivesTheSame) {
  for (const std::optional<int> threads : std::vector<std::optional<int>>{{}, 1, 2, 3, 4, 5}) {
    EXPECT_TRUE(computes_right(interpreted(threads))) << threads.value_or(0) << " threads";
  }
  const auto compiled = [](std::optional<int> threads) {
    LargeArrays arrays;
    waves({.cpu = {.threads = threads}}).compile()({{"u", arrays.u}, {"v", arrays.v}});
    return arrays.v;
  };
  for (const std::optional<int> threads : std::vector<std::optional<int>>{{}, 2, 3, 4, 5}) {
    EXPECT_TRUE(same(compiled(threads), compiled(1))) << threads.value_or(0) << " threads";
  }
}

TEST(ParallelCalls, ABoundCallIsSplitToo) {
  const auto executor = std::make_shared<CountingExecutor>();
  LargeArrays arrays;
  std::optional<CompiledKernel> kernel = interpreted(5, executor);
  const BoundKernel step = kernel->bind({{"u", arrays.u}, {"v", arrays.v}});
  kernel.reset();
  step();
  step();
  EXPECT_EQ(executor->calls, 2);
  EXPECT_EQ(executor->parts, 5);
  EXPECT_TRUE(same(arrays.v, expected()));
}

TEST(ParallelCalls, PartsGoToTheSameThreadEveryTime) {
  std::mutex mutex;
  std::set<std::pair<std::int64_t, std::thread::id>> seen;
  std::atomic<int> arrived = 0;
  const CompiledKernel kernel = with_boxes(
      [&](const std::int64_t* begin, const std::int64_t*) {
        ++arrived;
        while (arrived % 3 != 0) std::this_thread::yield();  // all three parts run at once
        const std::lock_guard lock(mutex);
        seen.emplace(begin[0], std::this_thread::get_id());
        return 0;
      },
      {.threads = 3});
  LargeArrays arrays;
  const BoundKernel step = kernel.bind({{"u", arrays.u}, {"v", arrays.v}});
  step();
  EXPECT_EQ(seen.size(), 3);
  step();
  EXPECT_EQ(seen.size(), 3);
}

TEST(ParallelCalls, ThreadsAreStartedByTheFirstLargeCall) {
  const int status = run_in_child([] {
    const std::ptrdiff_t before = thread_count();
    const CompiledKernel kernel = waves({.cpu = {.threads = 3}}).compile();
    Array<double> u({30, 30}), v({30, 30});
    kernel({{"u", u}, {"v", v}});
    LargeArrays arrays;
    const BoundKernel step = kernel.bind({{"u", arrays.u}, {"v", arrays.v}});
    step.run(step.box());
    if (thread_count() != before) return 3;
    step();
    if (thread_count() != before + 2) return 4;
    step();
    return thread_count() == before + 2 ? 0 : 5;
  });
  EXPECT_EQ(status, 0);
}

TEST(ParallelCalls, WorkersBlockSignals) {
  EXPECT_TRUE(computes_right(interpreted(3)));
  int workers = 0;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::getline(std::ifstream(thread.path() / "comm"), name);
    if (name != "cppstencils") continue;
    ++workers;
    std::ifstream status(thread.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (!line.starts_with("SigBlk:")) continue;
      const std::uint64_t blocked = std::stoull(line.substr(7), nullptr, 16);
      for (const int signal : {SIGINT, SIGTERM, SIGALRM, SIGUSR1, SIGCHLD}) EXPECT_TRUE(blocked >> (signal - 1) & 1);
    }
  }
  EXPECT_GE(workers, 2);
}

TEST(ParallelCalls, SeveralThreadsCallAtOnce) {
  const CompiledKernel kernel = interpreted(3);
  (void)expected();
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 5; ++caller) {
    callers.emplace_back([&] {
      for (std::uint64_t round = 0; round < fuzz_rounds(10); ++round) EXPECT_TRUE(computes_right(kernel));
    });
  }
  for (std::thread& caller : callers) caller.join();
}

TEST(ParallelCalls, ManyShortCalls) {
  std::atomic<std::int64_t> rows = 0;
  const CompiledKernel kernel = with_boxes(
      [&](const std::int64_t* begin, const std::int64_t* end) {
        rows += end[0] - begin[0];
        return 0;
      },
      {.threads = 4});
  LargeArrays arrays;
  const BoundKernel step = kernel.bind({{"u", arrays.u}, {"v", arrays.v}});
  const auto rounds = static_cast<std::int64_t>(fuzz_rounds(3000));
  std::int64_t calls = 0;
  for (; calls < rounds; ++calls) {
    // Some calls find the workers awake, some asleep.
    if (calls % 100 == 99) std::this_thread::sleep_for(1ms);
    step();
  }
  EXPECT_EQ(rows, calls * (LargeArrays::extent - 2));
}

TEST(ParallelCalls, ACallInsideOfACall) {
  const CompiledKernel inner = interpreted(2);
  std::atomic<int> right = 0;
  const CompiledKernel outer = with_boxes(
      [&](const std::int64_t*, const std::int64_t*) {
        right += computes_right(inner) ? 1 : 0;
        return 0;
      },
      {.threads = 3});
  LargeArrays arrays;
  outer({{"u", arrays.u}, {"v", arrays.v}});
  EXPECT_EQ(right, 3);
}

TEST(ParallelCalls, PartsRoundAsTheCallerDoes) {
  const auto sums = [](int threads) {
    std::mutex mutex;
    std::set<double> results;
    const CompiledKernel kernel = with_boxes(
        [&](const std::int64_t*, const std::int64_t*) {
          const volatile double one = 1, tiny = 0x1p-70;
          const std::lock_guard lock(mutex);
          results.insert(one + tiny);
          return 0;
        },
        {.threads = threads});
    LargeArrays arrays;
    kernel({{"u", arrays.u}, {"v", arrays.v}});
    return results;
  };
  EXPECT_EQ(sums(4), std::set<double>{1.0});
  std::fesetround(FE_UPWARD);
  const std::set<double> upward = sums(4);
  std::fesetround(FE_TONEAREST);
  EXPECT_EQ(upward, std::set<double>{0x1.0000000000001p0});
  EXPECT_EQ(sums(4), std::set<double>{1.0});
}

TEST(ParallelCalls, ChildrenOfForkHaveThreadsOfTheirOwn) {
  const CompiledKernel kernel = interpreted(3);
  EXPECT_TRUE(computes_right(kernel));
  const auto grandchild = [&] { return computes_right(kernel) ? 0 : 3; };
  const int status = run_in_child([&] {
    ::alarm(60);
    const std::ptrdiff_t before = thread_count();
    if (!computes_right(kernel)) return 4;
    if (thread_count() != before + 2) return 5;
    return run_in_child(grandchild);
  });
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(computes_right(kernel));
}

TEST(ParallelCalls, ChildrenOfForkWhileThreadsCall) {
  const CompiledKernel kernel = interpreted(2);
  (void)expected();
  std::atomic<bool> stop = false;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 2; ++caller) {
    callers.emplace_back([&] {
      while (!stop) EXPECT_TRUE(computes_right(kernel));
    });
  }
  for (std::uint64_t child = 0; child < fuzz_rounds(8); ++child) {
    // ThreadSanitizer does not know the threads of a process that forked while it had several.
    const bool uses_threads = child % 2 == 0 && !is_thread_sanitizer;
    const int status = run_in_child([&] { return !uses_threads || computes_right(kernel) ? 0 : 2; });
    EXPECT_EQ(status, 0) << "child " << child;
  }
  stop = true;
  for (std::thread& caller : callers) caller.join();
}

/// Runs a kernel when it is destroyed.
struct RunsAtExit {
  CompiledKernel kernel;
  explicit RunsAtExit(CompiledKernel its_kernel) : kernel(std::move(its_kernel)) {}
  ~RunsAtExit() {
    if (!computes_right(kernel)) ::_exit(7);
  }
};

TEST(ParallelCalls, ExitWhileWorkersWait) {
  (void)expected();
  for (const auto pause : {0us, 1000us}) {
    const int status = run_in_child([&] {
      if (!computes_right(interpreted(3))) return 2;
      std::this_thread::sleep_for(pause);
      std::exit(0);
    });
    EXPECT_EQ(status, 0);
  }
}

TEST(ParallelCalls, StaticObjectsMayCallAtExit) {
  (void)expected();
  for (const bool used_before : {true, false}) {
    const int status = run_in_child([&] {
      static RunsAtExit at_exit(interpreted(3));
      if (used_before && !computes_right(at_exit.kernel)) return 2;
      std::exit(0);
    });
    EXPECT_EQ(status, 0);
  }
}

TEST(ThreadPool, RunsEveryPartOnce) {
  for (const std::size_t count : {0u, 1u, 2u, 7u, 40u}) {
    std::vector<std::atomic<int>> runs(count);
    runtime::ThreadPool::shared().run(count, [&](std::size_t part) { ++runs.at(part); });
    for (const std::atomic<int>& part : runs) EXPECT_EQ(part, 1);
  }
}

TEST(ThreadPool, NeedsNoThreadThatCannotBeStarted) {
  const int status = run_in_child([] {
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    if (::setrlimit(RLIMIT_NPROC, &none) != 0 || ::setuid(65534) != 0) return skipped_exit_code;
    const std::ptrdiff_t before = thread_count();
    return computes_right(interpreted(4)) && thread_count() == before ? 0 : 2;
  });
  if (status == skipped_exit_code) GTEST_SKIP() << "This user cannot be kept from starting threads.";
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace cppstencils::testing
