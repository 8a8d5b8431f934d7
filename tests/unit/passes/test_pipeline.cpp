#include "passes/pipeline.hpp"

#include <gtest/gtest.h>

#include "cppstencils/support/error.hpp"
#include "pass_text.hpp"

namespace cppstencils::testing {
namespace {

std::vector<std::string_view> names(const std::vector<passes::PassTrace>& traces) {
  std::vector<std::string_view> result;
  for (const passes::PassTrace& trace : traces) result.push_back(trace.name);
  return result;
}

TEST(Pipeline, TracesThePassesThatChangeTheKernel) {
  const ir::Kernel kernel = kernel_around("store a[0] = u[0] * $x + v[0]");
  const ir::Variant unit{.inner_stride = ir::InnerStride::unit};
  const std::vector<passes::PassTrace> strict = passes::trace(kernel, unit);
  EXPECT_EQ(names(strict), (std::vector<std::string_view>{"lower_accesses"}));
  EXPECT_EQ(strict.back().ir, to_string(passes::optimize(kernel, unit)));
  EXPECT_GE(strict.back().milliseconds, 0);
  const ir::Kernel contract = kernel_around("store a[0] = u[0] * $x + v[0]", "contract");
  EXPECT_EQ(names(passes::trace(contract, unit)),
            (std::vector<std::string_view>{"contract_multiply_adds", "lower_accesses"}));
}

TEST(Pipeline, RunsThePassesOfTheMode) {
  const auto run = [](std::string_view mode) {
    return statements_of(passes::optimize(kernel_around("store a[0] = u[0] / 3.0 + v[0]", mode),
                                          {.inner_stride = ir::InnerStride::unit}));
  };
  EXPECT_EQ(run("strict"), "loop i0 step 1 {\nstore a@(i0) = u@(i0) / 3.0 + v@(i0)\n");
  EXPECT_EQ(run("contract"), run("strict"));
  EXPECT_EQ(run("fast"), "loop i0 step 1 {\nstore a@(i0) = fused_multiply_add(u@(i0), 0.3333333333333333, v@(i0))\n");
}

TEST(Pipeline, RefusesKernelsThatBreakARule) {
  ir::Kernel kernel = kernel_around("store a[0] = u[0]");
  kernel.buffers[0].access = ir::BufferAccess::write;
  EXPECT_THROW(passes::optimize(kernel, {}), InternalError);
  EXPECT_THROW(passes::trace(kernel, {}), InternalError);
}

}  // namespace
}  // namespace cppstencils::testing
