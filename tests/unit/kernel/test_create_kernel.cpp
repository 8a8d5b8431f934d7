#include <gtest/gtest.h>

#include "cppstencils/cppstencils.hpp"
#include "ir/traverse.hpp"
#include "support/golden.hpp"

namespace cppstencils {
namespace {

// The body of a kernel after its tables, as text: what a reader of `ir()` sees.
TEST(CreateKernel, SmoothIr) {
  auto [u, v] = fields<2>("u, v: double[2D]");
  const Symbol h("h");
  const KernelFunction kernel =
      create_kernel(assign(v(0, 0), (u(1, 0) + u(-1, 0) + u(0, 1) + u(0, -1)) / 4 + h), {.function_name = "smooth"});
  testing::expect_golden("kernel", "smooth", kernel.ir());
}

TEST(CreateKernel, TermsKeepTheirOrderAndSigns) {
  auto [f, g] = fields<2>("f(6), g(6): double[1D]");
  const Symbol a("a"), b("b"), c("c");
  const AssignmentList assignments{
      assign(g(0)(0), a - b * c - 3),         assign(g(0)(1), -a + b),
      assign(g(0)(2), a + (b + c)),           assign(g(0)(3), a / 3 + a * rational(2, 3) + rational(1, 3) * a),
      assign(g(0)(4), pow(a, 5) / pow(b, 2)), assign(g(0)(5), 1 / a + sqrt(b) + pow(c, rational(-1, 2))),
  };
  testing::expect_golden("kernel", "order_of_terms", create_kernel(assignments, {.function_name = "terms"}).ir());
}

TEST(CreateKernel, SubExpressionsIntegersAndConditions) {
  auto [f, g] = fields<2>("f, g: int32[2D]");
  const Symbol limit("limit", DType::int32);
  AssignmentList assignments;
  const Symbol sum = assignments.define("sum", f(1, 0) + f(-1, 0));
  assignments.add(assign(g(0, 0), select(sum > limit && !(f(0, 0) < 0), sum / 2, max(f(0, 0), abs(-sum)))));
  testing::expect_golden("kernel", "integers", create_kernel(assignments, {.function_name = "integers"}).ir());
}

TEST(CreateKernel, Reductions) {
  auto [u, v] = fields<2>("u, v: double[2D]");
  const KernelFunction kernel = create_kernel(
      {assign(v(0, 0), (u(1, 0) + u(-1, 0)) / 2), reduce(ReductionOp::maximum, Symbol("w"), abs(v(0, 0) - u(0, 0))),
       reduce(ReductionOp::add, Symbol("n", DType::int32), select(u(0, 0) > 1, 1, 0))},
      {.function_name = "reductions"});
  testing::expect_golden("kernel", "reductions", kernel.ir());
  EXPECT_EQ(kernel.assignments(),
            "v[0,0] = (u[1,0] + u[-1,0])/2\nw = reduce(maximum, abs(v[0,0] - u[0,0]))\n"
            "n = reduce(add, select(u[0,0] > 1, 1, 0))\n");
}

TEST(CreateKernel, CastsAndCoordinates) {
  const Field f("f", 1, {.dtype = DType::float32});
  const Expr position = cast(DType::float32, coordinate(0));
  testing::expect_golden(
      "kernel", "casts",
      create_kernel(assign(f(0), position * 0.5 + cast(DType::float32, Symbol("h"))), {.function_name = "casts"}).ir());
}

TEST(CreateKernel, RandomNumbersShareTheWordsOfTheirDraw) {
  const Field noise("noise", 2, {.dtype = DType::float32, .index_shape = {2}});
  const Philox rng(DType::float32, Symbol("seed", DType::uint32),
                   {.offsets = {Symbol("x", DType::int64)}, .periods = {0, 64}});
  const std::vector<Expr> draw = rng.uniform(Symbol("step", DType::int64), 3);
  const KernelFunction kernel =
      create_kernel({assign(noise(0, 0)(0), draw[0]), assign(noise(0, 0)(1), draw[3])}, {.function_name = "draws"});
  testing::expect_golden("kernel", "random_numbers", kernel.ir());
  EXPECT_EQ(ir::parse_kernel(kernel.ir()), kernel.kernel_ir());
}

TEST(CreateKernel, LayoutGivesTheLoopOrder) {
  const auto loops = [](const Layout& layout) {
    const Field f("f", 3, {.index_shape = {2}, .layout = layout});
    std::vector<int> order;
    ir::for_each_stmt(create_kernel(assign(f(0, 0, 0)(1), 1)).kernel_ir().body, [&](const ir::Stmt& stmt) {
      if (const auto* loop = std::get_if<ir::Loop>(&stmt.kind)) order.push_back(loop->dimension);
    });
    return order;
  };
  EXPECT_EQ(loops("c"), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(loops("f"), (std::vector<int>{2, 1, 0}));
  EXPECT_EQ(loops("soa"), (std::vector<int>{2, 1, 0}));
  EXPECT_EQ(loops("aos"), (std::vector<int>{2, 1, 0}));
  EXPECT_EQ(loops(Layout({3, 1, 0, 2})), (std::vector<int>{1, 0, 2}));
}

TEST(CreateKernel, ParametersAreFieldsThenScalarsByName) {
  auto [z, a] = fields<2>("z, a(3): float[2D]");
  const Symbol k("k", DType::float32), c("c", DType::float32);
  const KernelFunction kernel = create_kernel(assign(z(0, 0), k * a(1, 0)(2) + c + z(0, 0)));
  ASSERT_EQ(kernel.parameters().size(), 4u);
  EXPECT_EQ(kernel.parameters()[0].name, "a");
  EXPECT_EQ(kernel.parameters()[0].access, ir::BufferAccess::read);
  EXPECT_EQ(kernel.parameters()[0].field->index_shape, std::vector<std::int64_t>{3});
  EXPECT_EQ(kernel.parameters()[1].name, "z");
  EXPECT_EQ(kernel.parameters()[1].access, ir::BufferAccess::read_write);
  EXPECT_EQ(kernel.parameters()[2].name, "c");
  EXPECT_EQ(kernel.parameters()[2].role, Parameter::Role::scalar);
  EXPECT_EQ(kernel.parameters()[2].dtype, DType::float32);
  EXPECT_EQ(kernel.parameters()[3].name, "k");
}

TEST(CreateKernel, AWrittenElementIsReadWithItsNewValue) {
  auto [u, v] = fields<2>("u, v: double[1D]");
  const KernelFunction kernel = create_kernel({assign(u(0), u(0) + 1), assign(v(0), u(0) * 2)});
  EXPECT_EQ(kernel.parameters()[0].access, ir::BufferAccess::read_write);
  testing::expect_golden("kernel", "forwarding", kernel.ir());
}

TEST(CreateKernel, EverythingIsReadBeforeTheFirstStore) {
  auto [f, g] = fields<2>("f(4), g: double[1D]");
  const KernelFunction kernel =
      create_kernel({assign(f(0)(0), f(1)(1)), assign(f(0)(2), 3 * f(-1)(3)), assign(g(0), 2)});
  testing::expect_golden("kernel", "read_before_store", kernel.ir());
}

TEST(CreateKernel, AnElementWrittenBeforeItIsReadIsNoInput) {
  auto [u, v] = fields<2>("u, v: double[1D]");
  const KernelFunction kernel = create_kernel({assign(u(0), 1), assign(v(0), u(0) * 2)});
  EXPECT_EQ(kernel.parameters()[0].access, ir::BufferAccess::write);
}

TEST(CreateKernel, SymbolsTakeTheTypeOfTheirDefinition) {
  const Field f("f", 1, {.dtype = DType::float32});
  AssignmentList assignments;
  const Symbol half = assignments.define("half", f(1) / 2);
  assignments.add(assign(f(0), half));
  EXPECT_THROW(create_kernel(assignments), ConstraintError);  // reads a neighbour in place
  const Field g("g", 1, {.dtype = DType::float32});
  AssignmentList other;
  const Symbol third = other.define("third", f(1) / 3);
  other.add(assign(g(0), third));
  EXPECT_EQ(create_kernel(other).kernel_ir().variables.at(0).dtype, DType::float32);
}

TEST(CreateKernel, SwitchedOffChecksMakeTheKernelSequential) {
  const Field f("f", 1);
  EXPECT_EQ(create_kernel(assign(f(0), f(1)), {.skip_independence_check = true}).kernel_ir().order,
            ir::IterationOrder::sequential);
  EXPECT_EQ(create_kernel({assign(f(0), 1), assign(f(1), 2)}, {.allow_double_writes = true}).kernel_ir().order,
            ir::IterationOrder::sequential);
  EXPECT_EQ(create_kernel({assign(f(0), 1), assign(f(0), 2)}, {.allow_double_writes = true}).kernel_ir().order,
            ir::IterationOrder::independent);
  EXPECT_EQ(create_kernel(assign(f(0), f(0) + 1), {.skip_independence_check = true}).kernel_ir().order,
            ir::IterationOrder::independent);
}

TEST(CreateKernel, ComponentsOfAFieldAreSeparate) {
  const Field f("f", 1, {.index_shape = {2}});
  EXPECT_EQ(create_kernel(assign(f(0)(0), f(1)(1))).kernel_ir().order, ir::IterationOrder::independent);
}

TEST(CreateKernel, TextOfSharedNodesEnds) {
  auto [f, g] = fields<2>("f, g: double[1D]");
  // Written in full, this has 2^60 terms.
  Expr sum = f(0);
  for (int i = 0; i < 60; ++i) sum = sum * sum + f(1);
  const std::string text = create_kernel(assign(g(0), sum)).assignments();
  EXPECT_LT(text.size(), 10'100U);
  EXPECT_TRUE(text.starts_with("g[0] = ")) << text.substr(0, 40);
  EXPECT_TRUE(text.ends_with(" ...\n")) << text.substr(text.size() - 40);
  EXPECT_EQ(create_kernel({assign(Symbol("a"), f(0) + 1), assign(g(0), 2 * Symbol("a"))}).assignments(),
            "a = f[0] + 1\ng[0] = 2*a\n");
}

}  // namespace
}  // namespace cppstencils
