#include "passes/contract_multiply_adds.hpp"

#include <gtest/gtest.h>

#include "pass_text.hpp"

namespace cppstencils::testing {
namespace {

std::string contracted(std::string_view expression, std::string_view type = "float64") {
  return expression_after(passes::contract_multiply_adds, expression, type, "contract");
}

TEST(ContractMultiplyAdds, FusesProductsAndSums) {
  EXPECT_EQ(contracted("$x * $y + $z"), "fused_multiply_add($x, $y, $z)");
  EXPECT_EQ(contracted("$z + $x * $y"), "fused_multiply_add($x, $y, $z)");
  EXPECT_EQ(contracted("$x * $y - $z"), "fused_multiply_add($x, $y, -$z)");
  EXPECT_EQ(contracted("$z - $x * $y"), "fused_multiply_add(-$x, $y, $z)");
  EXPECT_EQ(contracted("$s * $t + 1.0f32", "float32"), "fused_multiply_add($s, $t, 1.0f32)");
}

TEST(ContractMultiplyAdds, PutsSignsWhereTheyCostNothing) {
  EXPECT_EQ(contracted("$z - 2.0 * $y"), "fused_multiply_add(-2.0, $y, $z)");
  EXPECT_EQ(contracted("$z - $y * 2.0"), "fused_multiply_add($y, -2.0, $z)");
  EXPECT_EQ(contracted("$z - $x * -$y"), "fused_multiply_add($x, $y, $z)");
  EXPECT_EQ(contracted("$z - -$x * $y"), "fused_multiply_add($x, $y, $z)");
  EXPECT_EQ(contracted("$x * $y - 2.0"), "fused_multiply_add($x, $y, -2.0)");
  EXPECT_EQ(contracted("$x * $y - -$z"), "fused_multiply_add($x, $y, $z)");
  EXPECT_EQ(contracted("-($x * $y) + $z"), "fused_multiply_add(-$x, $y, $z)");
  EXPECT_EQ(contracted("$z - -($x * $y)"), "fused_multiply_add($x, $y, $z)");
}

TEST(ContractMultiplyAdds, FusesTheRightOneOfTwoProducts) {
  EXPECT_EQ(contracted("$x * $y + $z * 2.0"), "fused_multiply_add($z, 2.0, $x * $y)");
  EXPECT_EQ(contracted("$x * $y - $z * $x"), "fused_multiply_add(-$z, $x, $x * $y)");
  EXPECT_EQ(contracted("$x * $x + $y * $y + $z * $z"),
            "fused_multiply_add($z, $z, fused_multiply_add($y, $y, $x * $x))");
}

TEST(ContractMultiplyAdds, KeepsProductsThatAreUsedAgain) {
  EXPECT_EQ(contracted("($x * $y + $z) / ($x * $y)"), "($x * $y + $z) / ($x * $y)");
  EXPECT_EQ(contracted("($x * $y + $z) * ($x * $y - 1.0)"), "($x * $y + $z) * ($x * $y - 1.0)");
  // The right product is used again, the left one is not.
  EXPECT_EQ(contracted("($z * 3.0 + $x * $y) / ($x * $y)"), "fused_multiply_add($z, 3.0, $x * $y) / ($x * $y)");
  // Equal sums are one use.
  EXPECT_EQ(contracted("($x * $y + $z) / square_root($x * $y + $z)"),
            "fused_multiply_add($x, $y, $z) / square_root(fused_multiply_add($x, $y, $z))");
}

TEST(ContractMultiplyAdds, SeesUsesThatBecomeOne) {
  // Both sums become one value, which then is the one use of the product in front of it.
  EXPECT_EQ(contracted("(u[0] * v[0] + ($z - $x * $y)) / (u[0] * v[0] + (-$x * $y + $z))"),
            "fused_multiply_add(u[0], v[0], fused_multiply_add(-$x, $y, $z)) / "
            "fused_multiply_add(u[0], v[0], fused_multiply_add(-$x, $y, $z))");
}

TEST(ContractMultiplyAdds, DoesNotLookIntoVariables) {
  const ir::Kernel kernel = kernel_around(
      "let product.0: float64 = u[0] * $x\n"
      "let sum.1: float64 = u[0] * $x + $y\n"
      "store a[0] = product.0 + sum.1",
      "contract");
  EXPECT_EQ(to_string(passes::contract_multiply_adds(kernel)), to_string(kernel));
}

TEST(ContractMultiplyAdds, LeavesIntegersAndQuotientsAlone) {
  EXPECT_EQ(contracted("$i * $j + 1i32", "int32"), "$i * $j + 1i32");
  EXPECT_EQ(contracted("$x / $y + $z"), "$x / $y + $z");
}

}  // namespace
}  // namespace cppstencils::testing
