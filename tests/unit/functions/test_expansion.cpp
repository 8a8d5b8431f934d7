// What expand_functions makes of a kernel: names, places, and what it leaves alone.

#include <gtest/gtest.h>

#include <string>

#include "evaluate.hpp"
#include "ir/functions/expand_functions.hpp"
#include "ir/traverse.hpp"
#include "ir/typing.hpp"
#include "ir/verify.hpp"

namespace cppstencils::testing {
namespace {

using ir::Expr;
using ir::MathFunction;

const Expr u = ir::load({0}, DType::float64, {0}, {});

/// u is read, v and w are written.
ir::Kernel kernel_with(ir::Block block, std::vector<ir::VariableInfo> variables = {}) {
  ir::Kernel kernel;
  kernel.name = "expanded";
  kernel.rank = 1;
  kernel.buffers = {{"u", DType::float64, ir::BufferAccess::read, 1, {}},
                    {"v", DType::float64, ir::BufferAccess::write, 1, {}},
                    {"w", DType::float64, ir::BufferAccess::write, 1, {}}};
  kernel.variables = std::move(variables);
  kernel.body = {ir::Stmt{ir::Loop{0, 1, std::move(block)}}};
  return kernel;
}

ir::Stmt store(std::uint32_t buffer, Expr value) { return {ir::Store{{buffer}, {0}, {}, std::move(value)}}; }

Expr call(MathFunction function, const Expr& x) { return ir::call(function, {x}); }

ir::Kernel expanded(const ir::Kernel& kernel) {
  ir::verify(kernel, "test");
  ir::Kernel result = ir::expand_functions(kernel);
  ir::verify(result, "test");
  return result;
}

std::size_t calls(const ir::Kernel& kernel) {
  std::size_t count = 0;
  ir::ExprVisitor visit([&](const Expr& expr) { count += ir::get_if<ir::Call>(expr) != nullptr ? 1U : 0U; });
  ir::for_each_stmt(kernel.body, [&](const ir::Stmt& stmt) {
    for (const Expr& expr : ir::expressions(stmt)) visit(expr);
  });
  return count;
}

TEST(ExpandFunctions, LeavesOtherKernelsAlone) {
  const Expr x = ir::variable({0}, DType::float64);
  const ir::Kernel kernel =
      kernel_with({ir::Stmt{ir::Let{{0}, call(MathFunction::atan, u)}},
                   store(1, ir::unary(ir::UnaryOp::square_root, x)), store(2, call(MathFunction::tan, x))},
                  {{"x", DType::float64}});
  EXPECT_EQ(expanded(kernel), kernel);
}

TEST(ExpandFunctions, NamesResultsInFrontOfAllStores) {
  const Expr x = ir::variable({0}, DType::float64);
  const Expr e = call(MathFunction::exp, x);
  const Expr s = call(MathFunction::sin, ir::unary(ir::UnaryOp::negate, e));
  const ir::Kernel kernel =
      expanded(kernel_with({ir::Stmt{ir::Let{{0}, u}}, store(1, x), store(2, ir::binary(ir::BinaryOp::add, e, s))},
                           {{"x", DType::float64}}));
  EXPECT_EQ(calls(kernel), 0U);
  ASSERT_EQ(kernel.variables.size(), 3U);
  EXPECT_EQ(kernel.variables[1].name, "exp");
  EXPECT_EQ(kernel.variables[2].name, "sin");
  const ir::Block& block = ir::cell_block(kernel);
  ASSERT_EQ(block.size(), 5U);
  EXPECT_EQ(std::get<ir::Let>(block[1].kind).id.value, 1U);
  EXPECT_EQ(std::get<ir::Let>(block[2].kind).id.value, 2U);
  EXPECT_EQ(block[3], store(1, x));
  EXPECT_EQ(block[4], store(2, ir::binary(ir::BinaryOp::add, ir::variable({1}, DType::float64),
                                          ir::variable({2}, DType::float64))));
}

TEST(ExpandFunctions, AVariableOfTheKernelKeepsItsValue) {
  const ir::Kernel kernel = expanded(
      kernel_with({ir::Stmt{ir::Let{{0}, call(MathFunction::exp, u)}}, store(1, ir::variable({0}, DType::float64))},
                  {{"growth", DType::float64}}));
  ASSERT_EQ(kernel.variables.size(), 1U);
  EXPECT_EQ(kernel.variables[0].name, "growth");
  EXPECT_EQ(ir::cell_block(kernel).size(), 2U);
}

// The text of a kernel does not say which nodes are shared.
TEST(ExpandFunctions, EqualCallsAreOneResult) {
  const auto other_u = [] { return ir::load({0}, DType::float64, {0}, {}); };
  const Expr sum =
      ir::binary(ir::BinaryOp::add, call(MathFunction::log, other_u()), call(MathFunction::log, other_u()));
  const Expr x = ir::variable({0}, DType::float64);
  const ir::Kernel kernel =
      expanded(kernel_with({ir::Stmt{ir::Let{{0}, call(MathFunction::log, u)}}, ir::Stmt{ir::Let{{1}, sum}},
                            ir::Stmt{ir::Let{{2}, call(MathFunction::log, other_u())}}, store(1, x)},
                           {{"x", DType::float64}, {"y", DType::float64}, {"z", DType::float64}}));
  EXPECT_EQ(kernel.variables.size(), 3U);
  const ir::Block& block = ir::cell_block(kernel);
  EXPECT_EQ(block[1], (ir::Stmt{ir::Let{{1}, ir::binary(ir::BinaryOp::add, x, x)}}));
  EXPECT_EQ(block[2], (ir::Stmt{ir::Let{{2}, x}}));
}

// The arithmetic of a function has many levels, and expressions have a limit.
TEST(ExpandFunctions, ExpressionsMayHaveAsManyLevelsAsBefore) {
  for (const MathFunction function : {MathFunction::exp, MathFunction::log, MathFunction::sin, MathFunction::cos,
                                      MathFunction::sinh, MathFunction::cosh, MathFunction::tanh, MathFunction::pow}) {
    SCOPED_TRACE(to_string(function));
    const auto apply = [&](const Expr& x) {
      return function == MathFunction::pow ? ir::call(function, {x, ir::float_constant(DType::float64, 0.5)})
                                           : call(function, x);
    };
    Expr nested = u;
    for (int i = 0; i < 500; ++i) nested = apply(nested);
    EXPECT_EQ(calls(expanded(kernel_with({store(1, nested)}))), 0U);
  }
  Expr deep = u;
  while (deep.node().depth < ir::max_expr_depth - 1) deep = ir::binary(ir::BinaryOp::add, deep, u);
  EXPECT_EQ(calls(expanded(kernel_with({store(1, call(MathFunction::sin, deep))}))), 0U);
  deep = call(MathFunction::sin, u);
  while (deep.node().depth < ir::max_expr_depth) deep = ir::binary(ir::BinaryOp::add, deep, u);
  EXPECT_EQ(calls(expanded(kernel_with({store(1, deep)}))), 0U);
}

}  // namespace
}  // namespace cppstencils::testing
