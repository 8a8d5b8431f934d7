#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "cppstencils/support/error.hpp"
#include "ir/builder.hpp"
#include "ir/typing.hpp"

namespace cppstencils::ir {
namespace {

Expr x(std::uint32_t id = 0) { return variable(VarId{id}, DType::float64); }
Expr add(const Expr& a, const Expr& b) { return binary(BinaryOp::add, a, b); }

/// x + 1 + 1 + ... with `levels` levels.
Expr chain(std::uint32_t levels) {
  Expr e = x();
  while (e.node().depth < levels) e = add(e, float_constant(DType::float64, 1));
  return e;
}

/// x * x, squared again and again: `levels` nodes, 2^levels in the tree.
Expr squares(int levels, const Expr& start) {
  Expr e = start;
  for (int i = 0; i < levels; ++i) e = binary(BinaryOp::multiply, e, e);
  return e;
}

/// One expression of every kind, and variations of each payload; all are different.
std::vector<Expr> different() {
  const Expr i = loop_index(0);
  const Expr b = bool_constant(true);
  const Expr c = compare(CompareOp::less, x(), x(1));
  const BufferId u{0};
  const BufferId v{1};
  return {
      float_constant(DType::float64, 0.0),
      float_constant(DType::float64, -0.0),
      float_constant(DType::float32, 0.0),
      int_constant(DType::int64, 0),
      int_constant(DType::int64, 1),
      b,
      x(),
      x(1),
      variable(VarId{0}, DType::float32),
      scalar_parameter(ScalarId{0}, DType::float64),
      scalar_parameter(ScalarId{1}, DType::float64),
      i,
      loop_index(1),
      stride(u, 0),
      stride(u, 1),
      stride(v, 0),
      load(u, DType::float64, {0, 1}, {}),
      load(u, DType::float64, {1, 0}, {}),
      load(u, DType::float64, {0}, {1}),
      load(v, DType::float64, {0, 1}, {}),
      element_load(u, DType::float64, i),
      element_load(v, DType::float64, i),
      element_load(u, DType::float64, loop_index(1)),
      unary(UnaryOp::negate, x()),
      unary(UnaryOp::absolute, x()),
      unary(UnaryOp::negate, x(1)),
      add(x(), x(1)),
      add(x(1), x()),
      binary(BinaryOp::subtract, x(), x(1)),
      fused_multiply_add(x(), x(), x(1)),
      fused_multiply_add(x(), x(1), x()),
      c,
      compare(CompareOp::less_equal, x(), x(1)),
      compare(CompareOp::less, x(1), x()),
      select(b, x(), x(1)),
      select(b, x(1), x()),
      select(c, x(), x(1)),
      call(MathFunction::sin, {x()}),
      call(MathFunction::cos, {x()}),
      call(MathFunction::pow, {x(), x(1)}),
      call(MathFunction::atan2, {x(), x(1)}),
      cast(DType::float32, x()),
      cast(DType::int64, x()),
      reinterpret(DType::int64, x()),
      reinterpret(DType::uint64, x()),
      cast(DType::float32, x(1)),
  };
}

TEST(IrExpr, EqualityIsStructural) {
  const std::vector<Expr> first = different();
  const std::vector<Expr> second = different();
  for (std::size_t i = 0; i < first.size(); ++i) {
    for (std::size_t j = 0; j < second.size(); ++j) {
      EXPECT_EQ(first[i] == second[j], i == j) << i << ", " << j;
      EXPECT_FALSE(first[i].same_node(second[j]));
    }
    EXPECT_EQ(first[i].node().hash, second[i].node().hash);
  }
}

TEST(IrExpr, HashIsTheSameInEveryProcess) {
  // Pinned, so that two builds can be compared.
  const Expr e = add(load(BufferId{2}, DType::float32, {1, -1}, {3}), float_constant(DType::float32, 0.25));
  EXPECT_EQ(e.node().hash, 3358214931398585815U);
}

TEST(IrExpr, DepthCountsLevels) {
  EXPECT_EQ(x().node().depth, 1U);
  EXPECT_EQ(add(x(), add(x(), x())).node().depth, 3U);
}

TEST(IrExpr, EqualGraphsAreComparedInLinearTime) {
  EXPECT_EQ(squares(200, x()), squares(200, x()));
  EXPECT_FALSE(squares(200, x()) == squares(200, x(1)));
}

TEST(IrExpr, DeepExpressionsAreComparedAndReleased) {
  EXPECT_EQ(chain(max_expr_depth), chain(max_expr_depth));
  // Deep operands that are shared with something that lives on.
  Expr kept = x();
  {
    const Expr outer = add(chain(5000), chain(4000));
    kept = get_if<Binary>(outer)->right;
  }
  EXPECT_EQ(kept, chain(4000));
}

TEST(IrExpr, DeepExpressionsAreReleasedInThreadsAtOnce) {
  const Expr shared = chain(max_expr_depth - 1);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([shared] {
      for (int round = 0; round < 20; ++round) EXPECT_EQ(add(shared, chain(500)).node().depth, max_expr_depth);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(shared.node().depth, max_expr_depth - 1);
}

TEST(IrExpr, TooDeepExpressionsAreRefused) {
  const Expr deepest = chain(max_expr_depth);
  EXPECT_THROW(unary(UnaryOp::negate, deepest), InternalError);
}

TEST(IrExpr, OperatorsHaveNames) {
  EXPECT_EQ(to_string(UnaryOp::square_root), "square_root");
  EXPECT_EQ(to_string(BinaryOp::logical_and), "logical_and");
  EXPECT_EQ(to_string(CompareOp::less_equal), "less_equal");
  EXPECT_EQ(to_string(MathFunction::atan2), "atan2");
}

}  // namespace
}  // namespace cppstencils::ir
