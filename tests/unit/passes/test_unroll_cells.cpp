// Cells that are computed together.

#include "passes/unroll_cells.hpp"

#include <gtest/gtest.h>

#include "cppstencils/support/error.hpp"
#include "ir/verify.hpp"
#include "pass_text.hpp"
#include "passes/pipeline.hpp"

namespace cppstencils::testing {
namespace {

constexpr std::string_view body = R"(
    let sum.0: float64 = u[-1] + u[0] * $x
    store a[0] = sum.0
    store b[1] = sum.0 * float64(i0)
)";

TEST(UnrollCells, MovesEveryCellAndStoresLast) {
  const ir::Kernel kernel = passes::unroll_cells(kernel_around(body), {{0}, {64}});
  ir::verify(kernel, "unroll_cells");
  EXPECT_EQ(statements_of(kernel), R"(loop i0 step 1 {
let sum.0: float64 = u[-1] + u[0] * $x
let stored.1: float64 = sum.0 * float64(i0)
let sum.2: float64 = u[63] + u[64] * $x
let stored.3: float64 = sum.2 * float64(i0 + 64)
store a[0] = sum.0
store b[1] = stored.1
store a[64] = sum.2
store b[65] = stored.3
)");
}

TEST(UnrollCells, OneCellStaysAsItIs) {
  const ir::Kernel kernel = kernel_around("store a[0] = $x");
  EXPECT_EQ(passes::unroll_cells(kernel, {{0}}), kernel);
}

TEST(UnrollCells, NeighboursLoadOnce) {
  const ir::Kernel kernel = passes::optimize(kernel_around("store a[0] = (u[-1] + u[1]) * u[0]"), {}, {{0}, {1}, {2}});
  std::size_t loads = 0;
  const std::string text = statements_of(kernel);
  for (std::size_t at = text.find("u@("); at != std::string::npos; at = text.find("u@(", at + 1)) ++loads;
  EXPECT_EQ(loads, 5U) << text;
}

TEST(UnrollCells, WhatIsFusedDoesNotDependOnOtherCells) {
  // The product of one cell is that of its neighbour, too. Seen together it would be used twice and not be fused.
  const ir::Kernel one = kernel_around("store a[0] = u[0] * u[1] + (u[1] * u[2] - $x)", "contract");
  const auto fused = [](const ir::Kernel& kernel) {
    const std::string text = statements_of(kernel);
    std::size_t count = 0;
    for (std::size_t at = text.find("fused_multiply_add("); at != std::string::npos;
         at = text.find("fused_multiply_add(", at + 1))
      ++count;
    return count;
  };
  const std::size_t alone = fused(passes::optimize(one, {}));
  EXPECT_GT(alone, 0U);
  EXPECT_EQ(fused(passes::optimize(one, {}, {{0}, {1}, {2}})), 3 * alone);
}

TEST(UnrollCells, RefusesSequentialKernels) {
  ir::Kernel kernel = kernel_around("store a[0] = $x");
  kernel.order = ir::IterationOrder::sequential;
  EXPECT_THROW(passes::unroll_cells(kernel, {{0}, {1}}), InternalError);
}

}  // namespace
}  // namespace cppstencils::testing
