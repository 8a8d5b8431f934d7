#include <gtest/gtest.h>

#include <map>

#include "cppstencils/support/error.hpp"
#include "ir/builder.hpp"
#include "ir/traverse.hpp"
#include "ir/typing.hpp"
#include "support/random.hpp"
#include "support/random_kernel.hpp"

namespace cppstencils::ir {
namespace {

Expr x(std::uint32_t id = 0) { return variable(VarId{id}, DType::float64); }
Expr multiply(const Expr& a, const Expr& b) { return binary(BinaryOp::multiply, a, b); }

Expr squares(int levels) {
  Expr e = x();
  for (int i = 0; i < levels; ++i) e = multiply(e, e);
  return e;
}

TEST(IrTraverse, ChildrenAreInOrder) {
  const Expr a = x(0);
  const Expr b = x(1);
  const Expr c = x(2);
  const Expr condition = bool_constant(true);
  const Expr index = loop_index(0);
  EXPECT_EQ(children(fused_multiply_add(a, b, c)), (std::vector{a, b, c}));
  EXPECT_EQ(children(multiply(a, b)), (std::vector{a, b}));
  EXPECT_EQ(children(compare(CompareOp::less, a, b)), (std::vector{a, b}));
  EXPECT_EQ(children(select(condition, a, b)), (std::vector{condition, a, b}));
  EXPECT_EQ(children(call(MathFunction::pow, {a, b})), (std::vector{a, b}));
  EXPECT_EQ(children(unary(UnaryOp::negate, a)), std::vector{a});
  EXPECT_EQ(children(cast(DType::float32, a)), std::vector{a});
  EXPECT_EQ(children(reinterpret(DType::int64, a)), std::vector{a});
  EXPECT_EQ(children(element_load(BufferId{0}, DType::float64, index)), std::vector{index});
  EXPECT_TRUE(children(a).empty());
}

TEST(IrTraverse, WithChildrenKeepsTheRest) {
  const Expr before = compare(CompareOp::less_equal, x(0), x(1));
  EXPECT_EQ(with_children(before, std::vector{x(2), x(3)}), compare(CompareOp::less_equal, x(2), x(3)));
  EXPECT_TRUE(with_children(before, children(before)).same_node(before));
  EXPECT_THROW(with_children(before, std::vector{x()}), InternalError);
  EXPECT_THROW(with_children(before, std::vector{x(), index_constant(1)}), InternalError);
}

TEST(IrTraverse, RewriterGivesTheSameNodeWhenNothingChanges) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(seed);
    const Kernel kernel = testing::random_kernel(seed);
    ExprRewriter keep([](const Expr& e) { return e; });
    for_each_stmt(kernel.body, [&](const Stmt& stmt) {
      for (const Expr& e : expressions(stmt)) EXPECT_TRUE(keep(e).same_node(e));
    });
  }
}

TEST(IrTraverse, RewriterWorksBottomUpAndOncePerSharedNode) {
  int calls = 0;
  ExprRewriter rename([&](const Expr& e) {
    ++calls;
    return get_if<Variable>(e) != nullptr ? x(7) : e;
  });
  const Expr renamed = rename(squares(100));
  EXPECT_EQ(calls, 101);
  Expr expected = x(7);
  for (int i = 0; i < 100; ++i) expected = multiply(expected, expected);
  EXPECT_EQ(renamed, expected);
  // Sharing is kept, and what is known is not visited again.
  EXPECT_TRUE(get_if<Binary>(renamed)->left.same_node(get_if<Binary>(renamed)->right));
  const Expr first = multiply(x(1), x(2));
  const Expr once = rename(first);
  EXPECT_TRUE(rename(first).same_node(once));
  EXPECT_EQ(calls, 104);
}

TEST(IrTraverse, RewriterReplacesWithoutVisitingTheReplacement) {
  ExprRewriter negate([](const Expr& e) { return get_if<Variable>(e) != nullptr ? unary(UnaryOp::negate, e) : e; });
  const Expr negated = unary(UnaryOp::negate, x());
  EXPECT_EQ(negate(multiply(x(), x())), multiply(negated, negated));
}

TEST(IrTraverse, VisitorSeesEveryNodeOnceAndOperandsFirst) {
  std::vector<Expr> seen;
  ExprVisitor visit([&](const Expr& e) { seen.push_back(e); });
  const Expr a = x(0);
  const Expr b = x(1);
  const Expr product = multiply(a, b);
  const Expr root = multiply(product, unary(UnaryOp::negate, product));
  visit(root);
  EXPECT_EQ(seen, (std::vector{a, b, product, unary(UnaryOp::negate, product), root}));
  visit(root);
  visit(b);
  EXPECT_EQ(seen.size(), 5U);
}

TEST(IrTraverse, DeepExpressionsAreVisitedAndRewritten) {
  Expr deep = x();
  while (deep.node().depth < max_expr_depth) deep = unary(UnaryOp::negate, deep);
  std::size_t count = 0;
  ExprVisitor visit([&](const Expr&) { ++count; });
  visit(deep);
  EXPECT_EQ(count, max_expr_depth);
  ExprRewriter rename([](const Expr& e) { return get_if<Variable>(e) != nullptr ? x(1) : e; });
  EXPECT_EQ(rename(deep).node().depth, max_expr_depth);
}

constexpr std::string_view two_loops = R"(
kernel k(rank 2, strict, independent) {
  buffer u: float64, rank 2, read
  buffer v: float64, rank 2, write
  loop i1 step 1 {
    loop i0 step 2 {
      let a.0: float64 = u[0,1]
      store v[0,0] = a.0
    }
  }
}
)";

TEST(IrTraverse, StatementsAreVisitedLoopsFirst) {
  const Kernel kernel = parse_kernel(two_loops);
  std::string kinds;
  for_each_stmt(kernel.body, [&](const Stmt& stmt) {
    kinds += match(
        stmt, [](const Let&) { return "let "; }, [](const Store&) { return "store "; },
        [](const ElementStore&) { return "element "; }, [](const Reduce&) { return "reduce "; },
        [](const Loop&) { return "loop "; });
  });
  EXPECT_EQ(kinds, "loop loop let store ");
}

TEST(IrTraverse, CellBlockIsTheInnermostBody) {
  const Kernel kernel = parse_kernel(two_loops);
  const Block& block = cell_block(kernel);
  ASSERT_EQ(block.size(), 2U);
  EXPECT_EQ(with_cell_block(kernel, block), kernel);
  const Kernel empty = with_cell_block(kernel, {});
  EXPECT_TRUE(cell_block(empty).empty());
  EXPECT_EQ(std::get<Loop>(std::get<Loop>(empty.body[0].kind).body[0].kind).step, 2);
}

TEST(IrTraverse, MapExpressionsReachesEveryExpression) {
  const Kernel kernel = parse_kernel(R"(
kernel k(rank 1, strict, independent) {
  buffer v: float64, rank 1, write
  variable b.1: float64
  let a.0: float64 = 1.0
  loop i0 step 3 {
    store v[0] = 1.0
    store v@(1) = 1.0
  }
}
)");
  int count = 0;
  const Block mapped = map_expressions(kernel.body, [&](const Expr& e) {
    ++count;
    return e.type() == DType::int64 ? index_constant(2) : float_constant(DType::float64, 3);
  });
  EXPECT_EQ(count, 4);
  Kernel result = kernel;
  result.body = mapped;
  EXPECT_EQ(to_string(result), R"(kernel k(rank 1, strict, independent) {
  buffer v: float64, rank 1, write
  variable b.1: float64
  let a.0: float64 = 3.0
  loop i0 step 3 {
    store v[0] = 3.0
    store v@(2) = 3.0
  }
}
)");
}

}  // namespace
}  // namespace cppstencils::ir
