#include <gtest/gtest.h>

#include "cppstencils/ir/kernel.hpp"
#include "ir/builder.hpp"
#include "ir/verify.hpp"
#include "support/golden.hpp"
#include "support/random_kernel.hpp"

namespace cppstencils::ir {
namespace {

void expect_text(std::string_view name, const Kernel& kernel) {
  verify(kernel, "test");
  const std::string text = to_string(kernel);
  EXPECT_EQ(parse_kernel(text), kernel);
  testing::expect_golden("ir", name, text);
}

Stmt nest(std::vector<int> dimensions, Block block) {
  Stmt result = {Loop{dimensions.back(), 1, std::move(block)}};
  for (std::size_t i = dimensions.size() - 1; i-- > 0;) result = {Loop{dimensions[i], 1, {std::move(result)}}};
  return result;
}

Kernel smooth() {
  Kernel kernel;
  kernel.name = "smooth";
  kernel.rank = 2;
  kernel.buffers = {{"u", DType::float64, BufferAccess::read, 2, {}},
                    {"v", DType::float64, BufferAccess::write, 2, {3}}};
  kernel.scalars = {{"h", DType::float64}};
  kernel.variables = {{"sum", DType::float64}, {"unused", DType::int32}};
  const auto u = [](std::int64_t y, std::int64_t x) { return load(BufferId{0}, DType::float64, {y, x}, {}); };
  const auto add = [](const Expr& a, const Expr& b) { return binary(BinaryOp::add, a, b); };
  const Expr sum = add(add(add(u(1, 0), u(-1, 0)), u(0, 1)), u(0, -1));
  const Expr mean =
      binary(BinaryOp::multiply, float_constant(DType::float64, 0.25), variable(VarId{0}, DType::float64));
  kernel.body = {
      nest({0, 1}, {Stmt{Let{VarId{0}, sum}},
                    Stmt{Store{BufferId{1},
                               {0, 0},
                               {2},
                               binary(BinaryOp::subtract, mean, scalar_parameter(ScalarId{0}, DType::float64))}}})};
  return kernel;
}

TEST(GoldenIr, Smooth) { expect_text("smooth", smooth()); }

TEST(GoldenIr, Lowered) {
  Kernel kernel = smooth();
  kernel.order = IterationOrder::sequential;
  kernel.fp_mode = FpMode::contract;
  kernel.variables = {{"row", DType::int64}, {"", DType::float64}};
  const Expr row = variable(VarId{0}, DType::int64);
  const Expr at = binary(BinaryOp::add, row, loop_index(1));
  const Expr value = element_load(BufferId{0}, DType::float64, binary(BinaryOp::add, at, index_constant(-1)));
  const Expr fused = fused_multiply_add(variable(VarId{1}, DType::float64), float_constant(DType::float64, 2),
                                        scalar_parameter(ScalarId{0}, DType::float64));
  Loop inner{1, 2, {Stmt{Let{VarId{1}, value}}, Stmt{ElementStore{BufferId{1}, at, fused}}}};
  const Expr first = binary(BinaryOp::multiply, loop_index(0), stride(BufferId{0}, 0));
  kernel.body = {Stmt{Loop{0, 1, {Stmt{Let{VarId{0}, first}}, Stmt{inner}}}}};
  expect_text("lowered", kernel);
}

TEST(GoldenIr, SharedExpressions) {
  Kernel kernel = smooth();
  Expr value = load(BufferId{0}, DType::float64, {0, 0}, {});
  for (int i = 0; i < 12; ++i) value = binary(BinaryOp::multiply, value, value);
  kernel.variables.clear();
  kernel.body = {nest({0, 1}, {Stmt{Store{BufferId{1}, {0, 0}, {0}, value}}})};
  expect_text("shared_expressions", kernel);
}

TEST(GoldenIr, RandomKernel) {
  // Pins the generator of the fuzz tests, too: a seed that is reported anywhere means the same kernel everywhere.
  testing::RandomKernelOptions options;
  options.math_functions = testing::MathFunctions::included;
  options.rank = 2;
  expect_text("random_kernel", testing::random_kernel(4, options));
}

}  // namespace
}  // namespace cppstencils::ir
