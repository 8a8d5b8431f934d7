#include "passes/eliminate_common_subexpressions.hpp"

#include <gtest/gtest.h>

#include "pass_text.hpp"

namespace cppstencils::testing {
namespace {

std::string shared(std::string_view statements) {
  return statements_of(passes::eliminate_common_subexpressions(kernel_around(statements)));
}

TEST(EliminateCommonSubexpressions, BindsWhatIsUsedAgainInOrderOfFirstUse) {
  EXPECT_EQ(shared("store a[0] = (u[0] + $x) * (u[0] + $x) + u[1]"),
            "loop i0 step 1 {\n"
            "let .0: float64 = u[0] + $x\n"
            "store a[0] = .0 * .0 + u[1]\n");
  EXPECT_EQ(shared("let q.0: float64 = exp($x * u[0]) + u[0]\n"
                   "let r.1: float64 = exp($x * u[0]) - u[1]\n"
                   "store a[0] = q.0 * r.1\n"
                   "store b[0] = r.1 / ($y * $y)"),
            "loop i0 step 1 {\n"
            "let .2: float64 = u[0]\n"
            "let .3: float64 = exp($x * .2)\n"
            "let q.0: float64 = .3 + .2\n"
            "let r.1: float64 = .3 - u[1]\n"
            "store a[0] = q.0 * r.1\n"
            "store b[0] = r.1 / ($y * $y)\n");
}

TEST(EliminateCommonSubexpressions, LeavesTrivialValuesAlone) {
  EXPECT_EQ(shared("store a[0] = $x * $x + 2.0 * 2.0 - float64(i0 * i0)"),
            "loop i0 step 1 {\n"
            "store a[0] = $x * $x + 2.0 * 2.0 - float64(i0 * i0)\n");
}

TEST(EliminateCommonSubexpressions, LooksThroughVariables) {
  EXPECT_EQ(shared("let p.0: float64 = u[0] + $x\n"
                   "let q.1: float64 = u[0] + $x\n"
                   "let r.2: float64 = p.0\n"
                   "let s.3: float64 = $y\n"
                   "store a[0] = p.0 * s.3 + q.1 * $y - r.2"),
            "loop i0 step 1 {\n"
            "let p.0: float64 = u[0] + $x\n"
            "let .4: float64 = p.0 * $y\n"
            "store a[0] = .4 + .4 - p.0\n");
}

TEST(EliminateCommonSubexpressions, GivesTheNameToTheFirstUse) {
  EXPECT_EQ(shared("let early.0: float64 = exp(u[0] + $x)\n"
                   "let named.1: float64 = u[0] + $x\n"
                   "store a[0] = early.0 * named.1"),
            "loop i0 step 1 {\n"
            "let named.1: float64 = u[0] + $x\n"
            "let early.0: float64 = exp(named.1)\n"
            "store a[0] = early.0 * named.1\n");
}

TEST(EliminateCommonSubexpressions, SwapsOperandsOfCommutativeOperatorsOnly) {
  EXPECT_EQ(shared("store a[0] = ($x + $y) / ($y + $x)"),
            "loop i0 step 1 {\n"
            "let .0: float64 = $x + $y\n"
            "store a[0] = .0 / .0\n");
  EXPECT_EQ(shared("store a[0] = select(($x * $y == $z) == ($z == $y * $x), 1.0, 2.0)"),
            "loop i0 step 1 {\n"
            "let .0: bool = $x * $y == $z\n"
            "store a[0] = select(.0 == .0, 1.0, 2.0)\n");
  for (const char* different : {"($x - $y) / ($y - $x)", "minimum($x, $y) / minimum($y, $x)",
                                "maximum($x, $y) / maximum($y, $x)", "$x / $y + $y / $x"}) {
    EXPECT_EQ(shared(fmt::format("store a[0] = {}", different)),
              fmt::format("loop i0 step 1 {{\nstore a[0] = {}\n", different));
  }
}

TEST(EliminateCommonSubexpressions, TellsLoadsAndTypesApart) {
  EXPECT_EQ(shared("store a[0] = u[0] + u[1] + v[0]\n"
                   "store to_float32[0] = float32($x) + float32(float64(float32($y)))"),
            "loop i0 step 1 {\n"
            "store a[0] = u[0] + u[1] + v[0]\n"
            "store to_float32[0] = float32($x) + float32(float64(float32($y)))\n");
}

TEST(EliminateCommonSubexpressions, TakesDeepExpressionsAndLongChainsOfVariables) {
  std::string sum = "u[0]";
  for (int i = 0; i < 5000; ++i) sum += " * $x";
  const ir::Kernel deep = kernel_around(fmt::format("store a[0] = {}", sum));
  EXPECT_EQ(passes::eliminate_common_subexpressions(deep), deep);
  std::string lets = "let .0: float64 = u[0]\n";
  for (int i = 1; i < 20'000; ++i) lets += fmt::format("let .{}: float64 = .{} * $x\n", i, i - 1);
  const ir::Kernel chain = kernel_around(fmt::format("{}store a[0] = .19999", lets));
  EXPECT_EQ(passes::eliminate_common_subexpressions(chain), chain);
}

}  // namespace
}  // namespace cppstencils::testing
