// What calls find when they check their results and the writes of the code.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cppstencils/cppstencils.hpp"
#include "support/expect_error.hpp"
#include "support/jits.hpp"
#include "support/parallel_kernels.hpp"

namespace cppstencils::testing {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

template <class Action>
std::string message_of(Action&& action) {
  try {
    action();
    return "none";
  } catch (const LaunchError& error) {
    return to_string(error.code()) + ": " + error.message();
  }
}

TEST(Checks, ResultsOfEveryJit) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  for (const NamedJit& named : all_jits()) {
    SCOPED_TRACE(named.name);
    const auto message = [&](ResultCheck check, double value) {
      const CompiledKernel kernel =
          create_kernel(assign(v(0, 0), u(1, 0) + u(-1, 0)), {.jit = named.jit, .cpu = {.checks = {.results = check}}})
              .compile();
      Array<double> a({8, 70}), b({8, 70});
      // Read by the cells (3, 4) and (5, 4).
      a(4, 4) = value;
      const std::string first = message_of([&] { kernel({{"u", a}, {"v", b}}); });
      const BoundKernel bound = kernel.bind({{"u", a}, {"v", b}});
      EXPECT_EQ(message_of(bound), first);
      EXPECT_EQ(message_of([&] { bound.run(bound.box()); }), first);
      EXPECT_EQ(message_of([&] { bound.run(std::vector<CellRange>{{1, 3}, {1, 69}}); }), "none");
      return first;
    };
    EXPECT_EQ(message(ResultCheck::finite, nan),
              "not-finite: Cell (3, 4) of kernel 'kernel' stored NaN in element (3, 4) of 'v'.");
    EXPECT_EQ(message(ResultCheck::finite, -infinity),
              "not-finite: Cell (3, 4) of kernel 'kernel' stored -infinity in element (3, 4) of 'v'.");
    EXPECT_EQ(message(ResultCheck::not_nan, nan), message(ResultCheck::finite, nan));
    EXPECT_EQ(message(ResultCheck::not_nan, infinity), "none");
    EXPECT_EQ(message(ResultCheck::none, nan), "none");
    EXPECT_EQ(message(ResultCheck::finite, 1), "none");
  }
}

TEST(Checks, NameTheComponentAndTheKernel) {
  const auto [f, g] = fields<2>("f(3), g(3): float[1D]");
  const CompiledKernel kernel =
      create_kernel({{g(0)(0), f(0)(0)}, {g(1)(2), f(0)(2)}, {g(0)(1), f(0)(1)}},
                    {.function_name = "shift", .cpu = {.checks = {.results = ResultCheck::finite}}})
          .compile();
  Array<float> a({9, 3}, Layout::soa(), 1), b({9, 3}, Layout::soa(), 1);
  a(4, 2) = a(4, 1) = std::numeric_limits<float>::infinity();
  // Of one cell, the first statement counts.
  expect_error<LaunchError>(
      ErrorCode::not_finite,
      [&] {
        kernel({{"f", a}, {"g", b}});
      },
      "error[not-finite]: Cell (4) of kernel 'shift' stored infinity in element (5, 2) of 'g'.\n"
      "  note: It is the first such cell in the order of the loops; the call has run to its end.\n"
      "  hint: Look at what this cell reads, and check the kernels that wrote it before.\n");
  a(3, 1) = std::nanf("");
  EXPECT_EQ(message_of([&] {
              kernel({{"f", a}, {"g", b}});
            }),
            "not-finite: Cell (3) of kernel 'shift' stored NaN in element (3, 1) of 'g'.");
}

TEST(Checks, FindTheSameCellOnAnyNumberOfThreads) {
  LargeArrays arrays;
  arrays.u(150, 20) = arrays.u(40, 190) = arrays.u(41, 7) = nan;
  for (const int threads : {1, 2, 5}) {
    const CompiledKernel kernel =
        waves({.cpu = {.threads = threads, .checks = {.results = ResultCheck::finite}}}).compile();
    EXPECT_EQ(message_of([&] {
                kernel({{"u", arrays.u}, {"v", arrays.v}});
              }),
              "not-finite: Cell (39, 190) of kernel 'kernel' stored NaN in element (39, 190) of 'v'.");
  }
}

TEST(Checks, FollowTheOrderOfTheLoopsAndTheirSteps) {
  const auto kernel = [](const char* layout, const char* slice) {
    const Field u("u", 2, {.layout = layout}), v("v", 2, {.layout = layout});
    return create_kernel(assign(v(0, 0), u(0, 0)),
                         {.iteration_slice = slices(slice), .cpu = {.checks = {.results = ResultCheck::finite}}})
        .compile();
  };
  Array<double> a({10, 10}), b({10, 10});
  a(2, 6) = a(4, 4) = a(1, 1) = nan;
  const auto cell = [&](const char* layout, const char* slice) {
    return message_of([&] { kernel(layout, slice)({{"u", a}, {"v", b}}); }).substr(0, 23);
  };
  EXPECT_EQ(cell("c", "::2, ::2"), "not-finite: Cell (2, 6)");
  EXPECT_EQ(cell("f", "::2, ::2"), "not-finite: Cell (4, 4)");
  EXPECT_EQ(cell("c", ":, :"), "not-finite: Cell (1, 1)");
  EXPECT_EQ(cell("c", "5:, :"), "none");
}

TEST(Checks, IntegersAreAlwaysFine) {
  const auto [u, v] = fields<2>("u, v: int32[1D]");
  const CompiledKernel kernel =
      create_kernel(assign(v(0), u(0)), {.cpu = {.checks = {ResultCheck::finite, WriteCheck::verified}}}).compile();
  Array<std::int32_t> a({5}), b({5});
  a.fill(-1);
  kernel({{"u", a}, {"v", b}});
  EXPECT_EQ(b(4), -1);
  Array<std::int32_t> none({0}), empty({0});
  kernel({{"u", none}, {"v", empty}});
}

TEST(Checks, WritesOfEveryJitAreWhereTheyBelong) {
  for (const NamedJit& named : all_jits()) {
    SCOPED_TRACE(named.name);
    const auto [f, g] = fields<2>("f(2), g(2): double[2D]");
    const CompiledKernel kernel = create_kernel({{g(1, 0)(0), f(0, 0)(1)}, {g(0, 0)(1), f(0, -1)(0)}},
                                                {.jit = named.jit,
                                                 .iteration_slice = slices("1:-1, 1:-1:3"),
                                                 .cpu = {.threads = 2, .checks = {.writes = WriteCheck::verified}}})
                                      .compile();
    Array<double> a({9, 80, 2}, Layout::c(), 1), b({9, 80, 2}, Layout::aos(), 1);
    a.fill(3);
    EXPECT_EQ(message_of([&] { kernel({{"f", a}, {"g", b}}); }), "none");
    EXPECT_EQ(b(2, 4, 0), 3);
    // One array under two names.
    const auto [u, v] = fields<2>("u, v: double[2D]");
    const CompiledKernel twice =
        create_kernel(assign(v(0, 0), 2 * u(0, 0)),
                      {.jit = named.jit, .ghost_layers = 1, .cpu = {.checks = {.writes = WriteCheck::verified}}})
            .compile();
    Array<double> c({9, 80});
    c.fill(1);
    EXPECT_EQ(message_of([&] { twice({{"u", c}, {"v", c}}); }), "none");
    EXPECT_EQ(c(5, 5), 2);
  }
}

TEST(Checks, FindCodeThatWritesElsewhere) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  const KernelFunction kernel =
      create_kernel(assign(v(0, 0), u(0, 0)), {.ghost_layers = 1, .cpu = {.checks = {.writes = WriteCheck::verified}}});
  Array<double> a({6, 7}), b({6, 7});
  const auto message = [&](double& element) {
    element = 1;
    const CompiledKernel compiled(kernel,
                                  std::make_shared<BoxExecutable>([&](const std::int64_t*, const std::int64_t*) {
                                    element += 1;
                                    return 0;
                                  }));
    return message_of([&] { compiled({{"u", a}, {"v", b}}); });
  };
  EXPECT_EQ(message(b(1, 1)), "none");
  EXPECT_EQ(message(b(4, 5)), "none");
  EXPECT_EQ(
      message(b(1, 6)),
      "stray-write: The code of kernel 'kernel' changed element (1, 6) of 'v', which no cell of the call writes.");
  EXPECT_EQ(
      message(b(5, 3)),
      "stray-write: The code of kernel 'kernel' changed element (5, 3) of 'v', which no cell of the call writes.");
  EXPECT_EQ(
      message(a(2, 2)),
      "stray-write: The code of kernel 'kernel' changed element (2, 2) of 'u', which no cell of the call writes.");
  const CompiledKernel compiled(kernel, std::make_shared<BoxExecutable>([&](const std::int64_t*, const std::int64_t*) {
                                  b(0, 0) += 1;
                                  return 0;
                                }));
  expect_error<LaunchError>(
      ErrorCode::stray_write,
      [&] {
        compiled({{"u", a}, {"v", b}});
      },
      "error[stray-write]: The code of kernel 'kernel' changed element (0, 0) of 'v', which no cell of the call "
      "writes.\n"
      "  note: The arrays may have been written elsewhere, too.\n"
      "  hint: The JIT or the executor of this kernel is wrong, or another thread wrote to the array meanwhile.\n");
}

}  // namespace
}  // namespace cppstencils::testing
