// Addresses, invariants and dead variables.

#include <gtest/gtest.h>

#include "pass_text.hpp"
#include "passes/hoist_invariants.hpp"
#include "passes/lower_accesses.hpp"
#include "passes/remove_dead_lets.hpp"

namespace cppstencils::testing {
namespace {

ir::Kernel kernel_3d(std::string_view statements, std::string_view order = "012") {
  return ir::parse_kernel(fmt::format(R"(kernel test(rank 3, strict, independent) {{
  buffer u: float64, rank 3, index (4,2), read
  buffer v: float64, rank 3, write
  scalar x: float64
  loop i{} step 1 {{
    loop i{} step 2 {{
      loop i{} step 1 {{
        {}
      }}
    }}
  }}
}}
)",
                                      order[0], order[1], order[2], statements));
}

std::string lowered(const ir::Kernel& kernel, ir::InnerStride inner_stride) {
  const ir::Kernel result = passes::lower_accesses(kernel, {.inner_stride = inner_stride});
  ir::verify(result, "lower_accesses");
  return statements_of(result);
}

TEST(LowerAccesses, PutsEverythingButTheInnermostCoordinateIntoRows) {
  EXPECT_EQ(lowered(kernel_3d("store v[0,0,0] = u[0,0,0](0,0) + u[0,0,-1](0,0) + u[-1,1,2](3,1) + u[-1,1,0](3,1)"),
                    ir::InnerStride::unit),
            "loop i0 step 1 {\n"
            "loop i1 step 2 {\n"
            "let v_row.0: int64 = i0 * stride(v, 0) + i1 * stride(v, 1)\n"
            "let u_row.1: int64 = i0 * stride(u, 0) + i1 * stride(u, 1)\n"
            "let u_row.2: int64 = u_row.1 + (stride(u, 0) * -1 + stride(u, 1) + stride(u, 3) * 3 + stride(u, 4))\n"
            "loop i2 step 1 {\n"
            "store v@(v_row.0 + i2) = u@(u_row.1 + i2) + u@(u_row.1 + (i2 + -1)) + u@(u_row.2 + (i2 + 2)) + "
            "u@(u_row.2 + i2)\n");
}

TEST(LowerAccesses, MultipliesByTheInnerStrideWhereItIsNotOne) {
  EXPECT_EQ(lowered(kernel_3d("store v[0,0,0] = u[0,0,0](0,0) + u[0,0,-1](0,0)"), ir::InnerStride::any),
            "loop i0 step 1 {\n"
            "loop i1 step 2 {\n"
            "let v_row.0: int64 = i0 * stride(v, 0) + i1 * stride(v, 1)\n"
            "let u_row.1: int64 = i0 * stride(u, 0) + i1 * stride(u, 1)\n"
            "let u_row.2: int64 = u_row.1 + stride(u, 2) * -1\n"
            "loop i2 step 1 {\n"
            "store v@(v_row.0 + i2 * stride(v, 2)) = u@(u_row.1 + i2 * stride(u, 2)) + "
            "u@(u_row.2 + i2 * stride(u, 2))\n");
}

TEST(LowerAccesses, FollowsTheOrderOfTheLoops) {
  EXPECT_EQ(lowered(kernel_3d("store v[0,0,0] = u[1,0,0](0,0) + u[0,0,1](0,0)", "210"), ir::InnerStride::unit),
            "loop i2 step 1 {\n"
            "loop i1 step 2 {\n"
            "let v_row.0: int64 = i2 * stride(v, 2) + i1 * stride(v, 1)\n"
            "let u_row.1: int64 = i2 * stride(u, 2) + i1 * stride(u, 1)\n"
            "let u_row.2: int64 = u_row.1 + stride(u, 2)\n"
            "loop i0 step 1 {\n"
            "store v@(v_row.0 + i0) = u@(u_row.1 + (i0 + 1)) + u@(u_row.2 + i0)\n");
}

TEST(LowerAccesses, NeedsNoRowsInOneDimension) {
  const ir::Kernel kernel = kernel_around("store a[0] = u[1] - u[-1]");
  EXPECT_EQ(lowered(kernel, ir::InnerStride::unit),
            "loop i0 step 1 {\n"
            "store a@(i0) = u@(i0 + 1) - u@(i0 + -1)\n");
  EXPECT_EQ(lowered(kernel, ir::InnerStride::any),
            "let u_row.0: int64 = stride(u, 0)\n"
            "let u_row.1: int64 = stride(u, 0) * -1\n"
            "loop i0 step 1 {\n"
            "store a@(i0 * stride(a, 0)) = u@(u_row.0 + i0 * stride(u, 0)) - u@(u_row.1 + i0 * stride(u, 0))\n");
}

TEST(HoistInvariants, MovesLetsAndSubexpressionsToTheOutermostBlock) {
  const ir::Kernel kernel = kernel_3d(
      "let scalar.0: float64 = 1.0 / ($x + 1.0)\n"
      "        let plane.1: float64 = float64(i0) * scalar.0\n"
      "        let cell.2: float64 = float64(i2) * plane.1\n"
      "        store v[0,0,0] = cell.2 + (u[0,0,0](0,0) + exp($x) * float64(i1)) * exp($x)");
  EXPECT_EQ(statements_of(passes::hoist_invariants(kernel)),
            "let scalar.0: float64 = 1.0 / ($x + 1.0)\n"
            "let .3: float64 = exp($x)\n"
            "loop i0 step 1 {\n"
            "let plane.1: float64 = float64(i0) * scalar.0\n"
            "loop i1 step 2 {\n"
            "let .4: float64 = .3 * float64(i1)\n"
            "loop i2 step 1 {\n"
            "let cell.2: float64 = float64(i2) * plane.1\n"
            "store v[0,0,0] = cell.2 + (u[0,0,0](0,0) + .4) * .3\n");
}

TEST(HoistInvariants, MovesWholeStoredValues) {
  EXPECT_EQ(statements_of(passes::hoist_invariants(kernel_3d("store v[0,0,0] = exp($x) + float64(i0)"))),
            "let .0: float64 = exp($x)\n"
            "loop i0 step 1 {\n"
            "let .1: float64 = .0 + float64(i0)\n"
            "loop i1 step 2 {\n"
            "loop i2 step 1 {\n"
            "store v[0,0,0] = .1\n");
}

TEST(HoistInvariants, LeavesLoadsInTheirBlock) {
  // The element is the same for all cells of a row, and might not exist when there is no cell.
  const ir::Kernel kernel = ir::parse_kernel(R"(kernel test(rank 2, strict, independent) {
  buffer u: float64, rank 2, read
  buffer v: float64, rank 2, write
  loop i0 step 1 {
    loop i1 step 1 {
      let edge.0: float64 = u@(i0 * stride(u, 0))
      store v@(i0 * stride(v, 0) + i1) = edge.0
    }
  }
}
)");
  EXPECT_EQ(statements_of(passes::hoist_invariants(kernel)),
            "loop i0 step 1 {\n"
            "let .1: int64 = i0 * stride(u, 0)\n"
            "let .2: int64 = i0 * stride(v, 0)\n"
            "loop i1 step 1 {\n"
            "let edge.0: float64 = u@(.1)\n"
            "store v@(.2 + i1) = edge.0\n");
}

TEST(HoistInvariants, UsesAVariableThatIsThereAlready) {
  EXPECT_EQ(statements_of(passes::hoist_invariants(kernel_around("let named.0: float64 = $x * $y\n"
                                                                 "store a[0] = named.0 + u[0] / ($x * $y)"))),
            "let named.0: float64 = $x * $y\n"
            "loop i0 step 1 {\n"
            "store a[0] = named.0 + u[0] / named.0\n");
}

TEST(RemoveDeadLets, RemovesChainsAndNumbersTheRest) {
  const ir::Kernel kernel = kernel_around(
      "let dead.0: float64 = u[0]\n"
      "let live.1: float64 = v[0]\n"
      "let deader.2: float64 = dead.0 * live.1\n"
      "let last.3: float64 = live.1 + $x\n"
      "store a[0] = last.3");
  const ir::Kernel result = passes::remove_dead_lets(kernel);
  EXPECT_EQ(statements_of(result),
            "loop i0 step 1 {\n"
            "let live.0: float64 = v[0]\n"
            "let last.1: float64 = live.0 + $x\n"
            "store a[0] = last.1\n");
  EXPECT_EQ(result.variables, (std::vector<ir::VariableInfo>{{"live", DType::float64}, {"last", DType::float64}}));
  EXPECT_EQ(passes::remove_dead_lets(result), result);
}

TEST(RemoveDeadLets, SeesUsesInPositionsAndInnerBlocks) {
  const std::string text =
      "let .0: int64 = stride(u, 0)\n"
      "let .1: int64 = stride(a, 0)\n"
      "loop i0 step 1 {\n"
      "store a@(i0 * .1) = u@(i0 * .0)\n";
  const ir::Kernel kernel = ir::parse_kernel(
      "kernel test(rank 1, strict, independent) {\n  buffer u: float64, rank 1, read\n"
      "  buffer a: float64, rank 1, write\n" +
      text + "}\n}\n");
  EXPECT_EQ(statements_of(passes::remove_dead_lets(kernel)), text);
}

}  // namespace
}  // namespace cppstencils::testing
