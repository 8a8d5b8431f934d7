// A JIT is an object: hooked into the configuration or called free-standing, ours or the user's, it does the same.

#include <thread>

#include <gtest/gtest.h>

#include "cppstencils/cppstencils.hpp"
#include "support/jits.hpp"

namespace cppstencils {
namespace {

AssignmentList smooth_assignments() {
  auto [u, v] = fields<2>("u, v: double[2D]");
  return assign(v(0, 0), (u(1, 0) + u(-1, 0) + u(0, 1) + u(0, -1)) / 4 + Symbol("h"));
}

void expect_smooths(const CompiledKernel& kernel) {
  Array<double> a({20, 30}), b({20, 30});
  ASSERT_TRUE(a.is_dense());
  for (std::int64_t i = 0; i < a.size(); ++i) a.data()[i] = static_cast<double>(i % 7);
  kernel({{"u", a}, {"v", b}, {"h", 0.25}});
  for (std::int64_t i = 1; i < 19; ++i) {
    for (std::int64_t j = 1; j < 29; ++j) {
      ASSERT_EQ(b(i, j), (a(i + 1, j) + a(i - 1, j) + a(i, j + 1) + a(i, j - 1)) / 4 + 0.25);
    }
  }
  ASSERT_EQ(b(0, 0), 0.0);
}

/// A user's own JIT: it counts, and leaves the work to another one.
struct CountingJit : JitBase {
  CompiledKernel compile(const KernelFunction& kernel) override {
    ++compiled;
    last_name = kernel.name();
    return inner.compile(kernel);
  }
  InterpreterJit inner;
  int compiled = 0;
  std::string last_name;
};

/// A user's own JIT that makes code: a function with the kernel ABI, written by hand.
struct HandWrittenJit : ExecutableJit {
  struct Code : Executable {
    EntryPoint entry_point(Variant) override { return {&run, nullptr}; }
    static std::int32_t run(const CppstencilsKernelArguments* arguments, const std::int64_t* begin,
                            const std::int64_t* end) {
      const auto* u = static_cast<const double*>(arguments->data[0]);
      auto* v = static_cast<double*>(arguments->data[1]);
      const std::int64_t* s = arguments->strides;
      const double h = *static_cast<const double*>(arguments->scalars[0]);
      for (std::int64_t i = begin[0]; i < end[0]; ++i) {
        for (std::int64_t j = begin[1]; j < end[1]; ++j) {
          const double* c = u + i * s[0] + j * s[1];
          v[i * s[2] + j * s[3]] = (c[s[0]] + c[-s[0]] + c[s[1]] + c[-s[1]]) / 4 + h;
        }
      }
      return 0;
    }
  };
  std::shared_ptr<Executable> build(const KernelFunction&) override { return std::make_shared<Code>(); }
};

TEST(Interchange, EveryJitHookedInAndFreeStanding) {
  for (const testing::NamedJit& named : testing::all_jits()) {
    SCOPED_TRACE(named.name);
    expect_smooths(create_kernel(smooth_assignments(), {.jit = named.jit}).compile());
    expect_smooths(named.jit->compile(create_kernel(smooth_assignments())));
  }
}

TEST(Interchange, TheDefaultJitNeedsNoConfiguration) { expect_smooths(create_kernel(smooth_assignments()).compile()); }

TEST(Interchange, UsersJitThatDelegates) {
  const auto jit = std::make_shared<CountingJit>();
  const KernelFunction kernel = create_kernel(smooth_assignments(), {.function_name = "smooth", .jit = jit});
  expect_smooths(kernel.compile());
  EXPECT_EQ(jit->compiled, 1);
  EXPECT_EQ(jit->last_name, "smooth");
  expect_smooths(jit->compile(create_kernel(smooth_assignments())));
  EXPECT_EQ(jit->compiled, 2);
}

TEST(Interchange, UsersJitThatMakesCode) {
  expect_smooths(create_kernel(smooth_assignments(), {.jit = std::make_shared<HandWrittenJit>()}).compile());
}

TEST(Interchange, ErrorsOfAUsersJitPassThrough) {
  struct Failure {
    int value;
  };
  struct FailingJit : JitBase {
    CompiledKernel compile(const KernelFunction&) override { throw Failure{42}; }
  };
  try {
    (void)create_kernel(smooth_assignments(), {.jit = std::make_shared<FailingJit>()}).compile();
    FAIL() << "No error.";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.value, 42);
  }
}

TEST(Interchange, KernelsOutliveTheirJit) {
  for (testing::NamedJit& named : testing::all_jits()) {
    SCOPED_TRACE(named.name);
    std::optional<CompiledKernel> kernel = named.jit->compile(create_kernel(smooth_assignments()));
    named.jit.reset();
    expect_smooths(*kernel);
    Array<double> a({20, 30}), b({20, 30});
    const BoundKernel bound = kernel->bind({{"u", a}, {"v", b}, {"h", 0.25}});
    kernel.reset();
    bound();
    EXPECT_EQ(b(3, 3), 0.25);
  }
}

TEST(Interchange, ManyKernelsAndJitsInManyThreads) {
  std::vector<std::thread> threads;
  const std::vector<testing::NamedJit> jits = testing::all_jits();
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 4; ++round) {
        const auto& jit = jits[static_cast<std::size_t>(t + round) % jits.size()].jit;
        expect_smooths(jit->compile(create_kernel(smooth_assignments(), {.function_name = "k" + std::to_string(t)})));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace cppstencils
