// The passes of fp_mode fast.

#include <gtest/gtest.h>

#include "pass_text.hpp"
#include "passes/balance_sums.hpp"
#include "passes/relax_divisions.hpp"

namespace cppstencils::testing {
namespace {

std::string relaxed(std::string_view expression, std::string_view type = "float64") {
  return expression_after(passes::relax_divisions, expression, type, "fast");
}

TEST(RelaxDivisions, MultipliesByReciprocalsOfLiterals) {
  EXPECT_EQ(relaxed("u[0] / 3.0"), "u[0] * 0.3333333333333333");
  EXPECT_EQ(relaxed("float32(u[0]) / 3.0f32", "float32"), "float32(u[0]) * 0.33333334f32");
  EXPECT_EQ(relaxed("u[0] / 0.0"), "u[0] / 0.0");
  EXPECT_EQ(relaxed("u[0] / 1e+308"), "u[0] / 1e+308");  // its reciprocal is subnormal
  EXPECT_EQ(relaxed("u[0] / inf"), "u[0] / inf");
  EXPECT_EQ(relaxed("1.0 / 3.0"), "1.0 / 3.0");
}

TEST(RelaxDivisions, SharesReciprocals) {
  EXPECT_EQ(relaxed("u[0] / v[0]"), "u[0] / v[0]");
  EXPECT_EQ(relaxed("u[0] / v[0] + u[1] / v[0]"), "u[0] * (1.0 / v[0]) + u[1] * (1.0 / v[0])");
  EXPECT_EQ(relaxed("u[0] / v[0] + 1.0 / v[0]"), "u[0] * (1.0 / v[0]) + 1.0 / v[0]");
  EXPECT_EQ(relaxed("u[0] / v[0] + v[0] / u[0]"), "u[0] / v[0] + v[0] / u[0]");
}

TEST(RelaxDivisions, MovesDivisionsByParametersOutOfTheLoop) {
  EXPECT_EQ(relaxed("u[0] / ($x * $x)"), "u[0] * (1.0 / ($x * $x))");
  EXPECT_EQ(relaxed("u[0] / float64(i0)"), "u[0] / float64(i0)");
  const ir::Kernel kernel = kernel_around(
      "let same.0: float64 = $x + 1.0\n"
      "let other.1: float64 = u[0] + same.0\n"
      "store a[0] = u[0] / same.0\n"
      "store b[0] = $x / other.1",
      "fast");
  EXPECT_EQ(statements_of(passes::relax_divisions(kernel)),
            "loop i0 step 1 {\n"
            "let same.0: float64 = $x + 1.0\n"
            "let other.1: float64 = u[0] + same.0\n"
            "store a[0] = u[0] * (1.0 / same.0)\n"
            "store b[0] = $x / other.1\n");
}

TEST(RelaxDivisions, LeavesIntegersAlone) { EXPECT_EQ(relaxed("$i / 3i32 + $i / $j", "int32"), "$i / 3i32 + $i / $j"); }

std::string balanced(std::string_view expression) {
  return expression_after(passes::balance_sums, expression, "float64", "fast");
}

std::string chain(int terms) {
  std::string text = "u[0]";
  for (int i = 1; i < terms; ++i) text += fmt::format(" + u[{}]", i);
  return text;
}

TEST(BalanceSums, AddsLongChainsInGroupsOfFour) {
  EXPECT_EQ(balanced(chain(8)), chain(8));
  EXPECT_EQ(balanced(chain(9)), "u[0] + u[1] + u[2] + u[3] + (u[4] + u[5] + u[6] + u[7]) + u[8]");
  EXPECT_EQ(balanced(chain(16)),
            "u[0] + u[1] + u[2] + u[3] + (u[4] + u[5] + u[6] + u[7]) + "
            "(u[8] + u[9] + u[10] + u[11] + (u[12] + u[13] + u[14] + u[15]))");
}

TEST(BalanceSums, KeepsSigns) {
  EXPECT_EQ(balanced("u[0] + u[1] + u[2] + u[3] - u[4] - u[5] - u[6] - u[7] - u[8] - u[9] + u[10] - u[11]"),
            "u[0] + u[1] + u[2] + u[3] - (u[4] + u[5] + u[6] + u[7]) + (u[10] - (u[8] + u[9]) - u[11])");
}

TEST(BalanceSums, TakesSumsThatAreUsedAgainAsTerms) {
  const ir::Kernel kernel = kernel_around(fmt::format("store a[0] = ({0}) * ({0} + $x + $y)", chain(7)), "fast");
  EXPECT_EQ(to_string(passes::balance_sums(kernel)), to_string(kernel));
}

/// Additions that wait for one another.
std::uint32_t levels(const ir::Expr& expr) {
  const auto* binary = ir::get_if<ir::Binary>(expr);
  return binary == nullptr ? 0 : 1 + std::max(levels(binary->left), levels(binary->right));
}

TEST(BalanceSums, MakesShallowTrees) {
  const auto value = [](const ir::Kernel& k) {
    return std::get<ir::Store>(std::get<ir::Loop>(k.body[0].kind).body[0].kind).value;
  };
  const ir::Kernel kernel = kernel_around("store a[0] = " + chain(1000), "fast");
  EXPECT_EQ(levels(value(kernel)), 999U);
  EXPECT_EQ(levels(value(passes::balance_sums(kernel))), 11U);  // 3 in a group, 8 above the 250 groups
}

}  // namespace
}  // namespace cppstencils::testing
