// The full text of every error about threads.

#include <gtest/gtest.h>

#include <stdexcept>

#include "support/expect_error.hpp"
#include "support/parallel_kernels.hpp"

namespace cppstencils::testing {
namespace {

TEST(ThreadErrors, NumberOfThreads) {
  expect_error<ConfigError>(
      ErrorCode::invalid_config, [] { waves({.cpu = {.threads = 0}}); },
      "error[invalid-config]: 'cpu.threads' is 0, but a call needs a thread.\n"
      "  note: While creating kernel 'kernel'.\n"
      "  hint: Use 1 to stay on the calling thread, or leave it unset to use all processors.\n");
}

TEST(ThreadErrors, EnvironmentVariable) {
  for (const char* text : {"two", "", "0", "-1", "2x", " 2", "99999999999"}) {
    const ScopedVariable variable("CPPSTENCILS_THREADS", text);
    expect_error<ConfigError>(
        ErrorCode::invalid_config, [] { waves({.jit = std::make_shared<InterpreterJit>()}).compile(); },
        "error[invalid-config]: The environment variable CPPSTENCILS_THREADS is '" + std::string(text) +
            "', which is no number of threads.\n"
            "  hint: Set it to 1 or more, or unset it to use all processors.\n");
  }
}

/// Runs the function on the parts of a call that is large enough for five threads.
void run(const CpuOptions& options, BoxExecutable::Function function) {
  const LargeArrays arrays;
  LargeArrays results;
  const CompiledKernel kernel(waves({.function_name = "smooth", .cpu = options}),
                              std::make_shared<BoxExecutable>(std::move(function)));
  const BoundKernel step = kernel.bind({{"u", arrays.u}, {"v", results.v}});
  kernel({{"u", arrays.u}, {"v", results.v}});
  step();
}

TEST(ThreadErrors, TheFirstFaultIsReported) {
  // The last rows have fault 9, those before, from the middle of the second of five parts on, fault 8.
  const auto faulty = [](const std::int64_t* begin, const std::int64_t* end) {
    for (std::int64_t row = begin[0]; row < end[0]; ++row) {
      if (row >= 60) return row < 190 ? 8 : 9;
    }
    return 0;
  };
  for (int threads = 1; threads <= 5; ++threads) {
    SCOPED_TRACE(threads);
    for (const auto& executor : {std::shared_ptr<Executor>(), std::shared_ptr<Executor>(new CountingExecutor)}) {
      expect_error<LaunchError>(
          ErrorCode::launch_failed, [&] { run({.threads = threads, .executor = executor}, faulty); },
          "error[launch-failed]: Kernel 'smooth' reported fault 8 while it ran.\n"
          "  note: The arrays may have been written in part.\n");
    }
  }
}

TEST(ThreadErrors, ExceptionsReachTheCaller) {
  for (int threads = 1; threads <= 5; ++threads) {
    SCOPED_TRACE(threads);
    try {
      run({.threads = threads}, [](const std::int64_t* begin, const std::int64_t* end) -> std::int32_t {
        if (end[0] <= 80) return 0;
        throw std::runtime_error(begin[0] <= 80 ? "first" : "second");
      });
      ADD_FAILURE() << "No exception.";
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(std::string(error.what()), "first");
    }
  }
}

/// Runs the parts that it is told to.
class ListExecutor final : public Executor {
 public:
  explicit ListExecutor(std::vector<std::size_t> parts) : parts_(std::move(parts)) {}
  void run(std::size_t, const std::function<void(std::size_t)>& part) override {
    for (const std::size_t number : parts_) part(number);
  }

 private:
  std::vector<std::size_t> parts_;
};

TEST(ThreadErrors, ExecutorsRunEveryPartOnce) {
  const auto nothing = [](const std::int64_t*, const std::int64_t*) { return 0; };
  run({.threads = 3, .executor = std::make_shared<ListExecutor>(std::vector<std::size_t>{2, 0, 1})}, nothing);
  for (const std::vector<std::size_t>& parts :
       {std::vector<std::size_t>{}, {0, 1}, {0, 1, 1}, {0, 1, 2, 2}, {0, 1, 2, 3}, {0, 1, std::size_t(-1)}}) {
    expect_error<LaunchError>(
        ErrorCode::launch_failed,
        [&] { run({.threads = 3, .executor = std::make_shared<ListExecutor>(parts)}, nothing); },
        "error[launch-failed]: The executor did not run each of the 3 parts of kernel 'smooth' once.\n"
        "  note: The arrays may have been written in part.\n"
        "  hint: Call part(0) to part(count - 1) once each and return when all have returned.\n");
  }
}

}  // namespace
}  // namespace cppstencils::testing
