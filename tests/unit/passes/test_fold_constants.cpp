#include "passes/fold_constants.hpp"

#include <gtest/gtest.h>

#include "pass_text.hpp"

namespace cppstencils::testing {
namespace {

std::string folded(std::string_view expression, std::string_view type = "float64") {
  return expression_after(passes::fold_constants, expression, type);
}

TEST(FoldConstants, ComputesLiteralsInTheirOwnPrecision) {
  EXPECT_EQ(folded("0.1 + 0.2"), "0.30000000000000004");
  EXPECT_EQ(folded("0.1f32 + 0.2f32", "float32"), "0.3f32");
  EXPECT_EQ(folded("16777216.0f32 + 1.0f32", "float32"), "16777216.0f32");
  EXPECT_EQ(folded("1.0 / 3.0 * 3.0 - 1.0"), "0.0");
  EXPECT_EQ(folded("square_root(2.0)"), "1.4142135623730951");
  EXPECT_EQ(folded("square_root(2.0f32)", "float32"), "1.4142135f32");
  EXPECT_EQ(folded("minimum(1.0, 2.0) + maximum(1.0, 2.0) + absolute(-4.0)"), "7.0");
  EXPECT_EQ(folded("floor(-0.5) + ceil(0.5)"), "0.0");
  EXPECT_EQ(folded("ceil(-0.5)"), "-0.0");
  EXPECT_EQ(folded("fused_multiply_add(1.0000000000000002, 0.9999999999999998, -1.0)"), "-4.930380657631324e-32");
  EXPECT_EQ(folded("2147483647i32 + 1i32", "int32"), "-2147483648i32");
  EXPECT_EQ(folded("-7i32 / 2i32", "int32"), "-3i32");
  EXPECT_EQ(folded("200u8 * 2u8", "uint8"), "144u8");
  EXPECT_EQ(folded("float32(0.1)", "float32"), "0.1f32");
  EXPECT_EQ(folded("int32(1e+300)", "int32"), "2147483647i32");
  EXPECT_EQ(folded("1.0 < 2.0", "bool"), "true");
  EXPECT_EQ(folded("1.0 == 2.0 || !(2i32 <= 1i32)", "bool"), "true");
}

TEST(FoldConstants, KnowsOperatorsOnBits) {
  EXPECT_EQ(folded("bit_and(12i32, 10i32)", "int32"), "8i32");
  EXPECT_EQ(folded("bit_xor(12u8, 10u8)", "uint8"), "6u8");
  EXPECT_EQ(folded("bit_and($m, 255u8)", "uint8"), "$m");
  EXPECT_EQ(folded("bit_and(255i32, $i)", "int32"), "bit_and(255i32, $i)");
  EXPECT_EQ(folded("bit_and(-1i32, $i)", "int32"), "$i");
  EXPECT_EQ(folded("bit_and($i, 0i32)", "int32"), "0i32");
  EXPECT_EQ(folded("bit_xor(0u8, $m)", "uint8"), "$m");
  EXPECT_EQ(folded("bit_xor($i, $i)", "int32"), "0i32");
  EXPECT_EQ(folded("bit_and($i, $i)", "int32"), "$i");
}

TEST(FoldConstants, WritesEveryNanTheSameWay) {
  EXPECT_EQ(folded("0.0 / 0.0"), folded("square_root(-1.0)"));
  EXPECT_EQ(folded("0.0 / 0.0"), folded("float64_bits(0xfff8000000000123) + 1.0"));
  EXPECT_EQ(folded("0.0f32 / 0.0f32", "float32"), folded("float32_bits(0xffc00001) * 2.0f32", "float32"));
}

TEST(FoldConstants, LeavesMathFunctionsAlone) {
  EXPECT_EQ(folded("exp(0.0)"), "exp(0.0)");
  EXPECT_EQ(folded("pow(2.0, 1.0 + 2.0)"), "pow(2.0, 3.0)");
}

TEST(FoldConstants, RemovesWhatCannotChangeAFloat) {
  for (const char* x :
       {"$x * 1.0", "1.0 * $x", "$x / 1.0", "$x + -0.0", "-0.0 + $x", "$x - 0.0", "-(-$x)", "minimum($x, $x)",
        "maximum($x, $x)", "select(true, $x, $y)", "select(false, $y, $x)", "select($p, $x, $x)",
        "select($x < 1.0 && false, $y, $x)", "fused_multiply_add($x, 1.0, -0.0)"}) {
    EXPECT_EQ(folded(x), "$x") << x;
  }
  for (const char* x : {"$x * -1.0", "-1.0 * $x", "$x / -1.0", "-0.0 - $x", "-(-(-$x))"})
    EXPECT_EQ(folded(x), "-$x") << x;
}

TEST(FoldConstants, KeepsWhatChangesSomeFloat) {
  for (const char* x :
       {"$x + 0.0", "0.0 + $x", "$x - -0.0", "0.0 - $x", "$x * 0.0", "$x - $x", "$x / $x", "$x / 3.0", "$x + $y - $y",
        "2.0 * $x * 3.0", "-($x - $y)", "-$x * $y", "minimum($x, $y)", "fused_multiply_add($x, $y, 0.0)"}) {
    EXPECT_EQ(folded(x), x);
  }
  EXPECT_EQ(folded("$x == $x", "bool"), "$x == $x");
  EXPECT_EQ(folded("!($x < $y)", "bool"), "!($x < $y)");
}

TEST(FoldConstants, MovesSigns) {
  EXPECT_EQ(folded("$x + -$y"), "$x - $y");
  EXPECT_EQ(folded("-$x + $y"), "$y - $x");
  EXPECT_EQ(folded("$x - -$y"), "$x + $y");
  EXPECT_EQ(folded("-$x * -$y"), "$x * $y");
  EXPECT_EQ(folded("-$x * 3.0"), "$x * -3.0");
  EXPECT_EQ(folded("3.0 * -$x"), "-3.0 * $x");
  EXPECT_EQ(folded("-(3.0 * $x)"), "-3.0 * $x");
  EXPECT_EQ(folded("-$x / -$y"), "$x / $y");
  EXPECT_EQ(folded("-$x / 3.0"), "$x / -3.0");
  EXPECT_EQ(folded("3.0 / -$x"), "-3.0 / $x");
  EXPECT_EQ(folded("absolute(-$x)"), "absolute($x)");
  EXPECT_EQ(folded("absolute(absolute($x))"), "absolute($x)");
  EXPECT_EQ(folded("fused_multiply_add(-$x, -$y, $z)"), "fused_multiply_add($x, $y, $z)");
  EXPECT_EQ(folded("fused_multiply_add(-$x, 2.0, $z)"), "fused_multiply_add($x, -2.0, $z)");
  EXPECT_EQ(folded("fused_multiply_add(-1.0, $y, $z)"), "$z - $y");
  EXPECT_EQ(folded("fused_multiply_add($x, 1.0, $z)"), "$x + $z");
}

TEST(FoldConstants, DividesByPowersOfTwoExactly) {
  EXPECT_EQ(folded("$x / 2.0"), "$x * 0.5");
  EXPECT_EQ(folded("$x / -0.25"), "$x * -4.0");
  EXPECT_EQ(folded("$s / 4.0f32", "float32"), "$s * 0.25f32");
  EXPECT_EQ(folded("-$x / 2.0"), "$x * -0.5");
  // 2^1020 has a normal reciprocal, 2^1023 has not.
  EXPECT_EQ(folded("$x / 1.1235582092889474e+307"), "$x * 8.900295434028806e-308");
  EXPECT_EQ(folded("$x / 8.98846567431158e+307"), "$x / 8.98846567431158e+307");
  EXPECT_EQ(folded("$x / 5e-324"), "$x / 5e-324");
  EXPECT_EQ(folded("$x / inf"), "$x / inf");
  EXPECT_EQ(folded("$i / 2i32", "int32"), "$i / 2i32");
}

TEST(FoldConstants, RemovesWhatCannotChangeAnInteger) {
  for (const char* i : {"$i + 0i32", "0i32 + $i", "$i - 0i32", "$i * 1i32", "1i32 * $i", "$i / 1i32", "-(-$i)",
                        "minimum($i, $i)", "0i32 - -$i"}) {
    EXPECT_EQ(folded(i, "int32"), "$i") << i;
  }
  for (const char* zero : {"$i * 0i32", "0i32 * $i", "$i - $i", "$i / 0i32", "0i32 * ($i + $j)"}) {
    EXPECT_EQ(folded(zero, "int32"), "0i32") << zero;
  }
  for (const char* negated : {"$i * -1i32", "$i / -1i32", "0i32 - $i"}) EXPECT_EQ(folded(negated, "int32"), "-$i");
  EXPECT_EQ(folded("absolute($m)", "uint8"), "$m");
  EXPECT_EQ(folded("$m / 255u8", "uint8"), "$m / 255u8");
  EXPECT_EQ(folded("-$i / -$j", "int32"), "-$i / -$j");  // differs where -$i wraps
  EXPECT_EQ(folded("$i == $i && $i <= $i", "bool"), "true");
  EXPECT_EQ(folded("$i != $i || $i < $i", "bool"), "false");
}

TEST(FoldConstants, SimplifiesLogic) {
  EXPECT_EQ(folded("!(!$p)", "bool"), "$p");
  EXPECT_EQ(folded("!($x == $y)", "bool"), "$x != $y");
  EXPECT_EQ(folded("!($x != $y)", "bool"), "$x == $y");
  EXPECT_EQ(folded("$p && true", "bool"), "$p");
  EXPECT_EQ(folded("true || $p", "bool"), "true");
  EXPECT_EQ(folded("$p || false", "bool"), "$p");
  EXPECT_EQ(folded("false && $p", "bool"), "false");
  EXPECT_EQ(folded("$p && $p", "bool"), "$p");
  EXPECT_EQ(folded("$p == true", "bool"), "$p");
  EXPECT_EQ(folded("false == $p", "bool"), "!$p");
  EXPECT_EQ(folded("$p != true", "bool"), "!$p");
  EXPECT_EQ(folded("select(!$p, $x, $y)"), "select($p, $y, $x)");
}

TEST(FoldConstants, ReplacesVariablesThatAreLiterals) {
  const ir::Kernel kernel = kernel_around(
      "let two.0: float64 = 1.0 + 1.0\n"
      "let four.1: float64 = two.0 * two.0\n"
      "store a[0] = u[0] / four.1");
  EXPECT_EQ(statements_of(passes::fold_constants(kernel)),
            "loop i0 step 1 {\n"
            "let two.0: float64 = 2.0\n"
            "let four.1: float64 = 4.0\n"
            "store a[0] = u[0] * 0.25\n");
}

TEST(FoldConstants, GivesBackTheSameNodesWhenNothingFolds) {
  const ir::Kernel kernel = kernel_around("store a[0] = u[0] * $x + exp(v[1]) / 3.0");
  const ir::Kernel result = passes::fold_constants(kernel);
  const auto value = [](const ir::Kernel& k) {
    return std::get<ir::Store>(std::get<ir::Loop>(k.body[0].kind).body[0].kind).value;
  };
  EXPECT_TRUE(value(result).same_node(value(kernel)));
}

}  // namespace
}  // namespace cppstencils::testing
