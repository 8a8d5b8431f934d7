#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "cppstencils/ir/kernel.hpp"
#include "ir/builder.hpp"
#include "ir/traverse.hpp"
#include "ir/typing.hpp"
#include "support/random.hpp"
#include "support/random_kernel.hpp"

namespace cppstencils::ir {
namespace {

/// A kernel with something to refer to.
Kernel tables() {
  Kernel kernel;
  kernel.name = "tables";
  kernel.rank = 2;
  kernel.buffers = {{"u", DType::float64, BufferAccess::read, 2, {}},
                    {"v", DType::float64, BufferAccess::read_write, 2, {3, 2}}};
  kernel.scalars = {{"h", DType::float64}};
  kernel.variables = {{"a", DType::float64}, {"", DType::float64}, {"c", DType::boolean}, {"n", DType::int32}};
  return kernel;
}

Expr a() { return variable(VarId{0}, DType::float64); }
Expr b() { return variable(VarId{1}, DType::float64); }
Expr c() { return variable(VarId{2}, DType::boolean); }
Expr n() { return variable(VarId{3}, DType::int32); }
Expr f64(double value) { return float_constant(DType::float64, value); }

std::string text_of(const Expr& e) { return to_string(e, tables()); }

/// The expression that a text stands for.
Expr read(const std::string& text, DType type) {
  Kernel kernel = tables();
  kernel.variables.push_back({"result", type});
  kernel.body = {Stmt{Let{VarId{4}, type == DType::boolean ? bool_constant(false) : cast(type, f64(0))}}};
  std::string whole = to_string(kernel);
  const std::size_t start = whole.rfind("= ") + 2;
  whole.replace(start, whole.rfind("\n}") - start, text);
  return std::get<Let>(parse_kernel(whole).body[0].kind).value;
}

void expect_text(const Expr& e, const std::string& text) {
  EXPECT_EQ(text_of(e), text);
  EXPECT_EQ(read(text, e.type()), e) << text;
}

TEST(IrToString, Literals) {
  using Limits = std::numeric_limits<double>;
  expect_text(f64(0.25), "0.25");
  expect_text(f64(3), "3.0");
  expect_text(f64(-0.0), "-0.0");
  expect_text(f64(1e300), "1e+300");
  expect_text(f64(0.1), "0.1");
  expect_text(f64(Limits::denorm_min()), "5e-324");
  expect_text(f64(Limits::max()), "1.7976931348623157e+308");
  expect_text(f64(Limits::infinity()), "inf");
  expect_text(f64(-Limits::infinity()), "-inf");
  expect_text(float_constant(DType::float32, -Limits::infinity()), "-inf_f32");
  expect_text(float_constant(DType::float32, 0.1), "0.1f32");
  expect_text(float_constant(DType::float32, 1e30), "1e+30f32");
  expect_text(constant_from_bits(DType::float64, 0x7ff8000000000001), "float64_bits(0x7ff8000000000001)");
  expect_text(constant_from_bits(DType::float32, 0xffc00000), "float32_bits(0xffc00000)");
  expect_text(index_constant(-7), "-7");
  expect_text(index_constant(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  expect_text(int_constant(DType::int8, -128), "-128i8");
  expect_text(int_constant(DType::int16, 5), "5i16");
  expect_text(int_constant(DType::int32, -5), "-5i32");
  expect_text(int_constant(DType::uint8, 255), "255u8");
  expect_text(int_constant(DType::uint16, 5), "5u16");
  expect_text(int_constant(DType::uint32, 4294967295), "4294967295u32");
  expect_text(uint64_constant(~std::uint64_t{0}), "18446744073709551615u64");
  expect_text(bool_constant(true), "true");
  expect_text(bool_constant(false), "false");
}

TEST(IrToString, Leaves) {
  expect_text(a(), "a.0");
  expect_text(b(), ".1");
  expect_text(scalar_parameter(ScalarId{0}, DType::float64), "$h");
  expect_text(loop_index(1), "i1");
  expect_text(stride(BufferId{1}, 3), "stride(v, 3)");
  expect_text(load(BufferId{0}, DType::float64, {1, -2}, {}), "u[1,-2]");
  expect_text(load(BufferId{1}, DType::float64, {0, 0}, {2, 1}), "v[0,0](2,1)");
}

TEST(IrToString, Operations) {
  const Expr lower = compare(CompareOp::less, a(), b());
  expect_text(element_load(BufferId{0}, DType::float64, binary(BinaryOp::add, loop_index(0), index_constant(-1))),
              "u@(i0 + -1)");
  expect_text(unary(UnaryOp::negate, a()), "-a.0");
  expect_text(unary(UnaryOp::negate, unary(UnaryOp::negate, a())), "-(-a.0)");
  expect_text(unary(UnaryOp::negate, f64(2)), "-(2.0)");
  expect_text(unary(UnaryOp::negate, f64(-2)), "-(-2.0)");
  expect_text(unary(UnaryOp::negate, f64(std::numeric_limits<double>::infinity())), "-(inf)");
  expect_text(unary(UnaryOp::logical_not, c()), "!c.2");
  expect_text(unary(UnaryOp::logical_not, lower), "!(a.0 < .1)");
  expect_text(unary(UnaryOp::square_root, a()), "square_root(a.0)");
  expect_text(unary(UnaryOp::absolute, n()), "absolute(n.3)");
  expect_text(binary(BinaryOp::minimum, a(), b()), "minimum(a.0, .1)");
  expect_text(binary(BinaryOp::bit_xor, n(), binary(BinaryOp::bit_and, n(), n())), "bit_xor(n.3, bit_and(n.3, n.3))");
  expect_text(fused_multiply_add(a(), b(), a()), "fused_multiply_add(a.0, .1, a.0)");
  expect_text(select(lower, a(), b()), "select(a.0 < .1, a.0, .1)");
  expect_text(call(MathFunction::atan2, {a(), b()}), "atan2(a.0, .1)");
  expect_text(cast(DType::float32, a()), "float32(a.0)");
  expect_text(cast(DType::boolean, a()), "bool(a.0)");
  expect_text(reinterpret(DType::int64, a()), "bits_as_int64(a.0)");
  expect_text(reinterpret(DType::float64, reinterpret(DType::uint64, a())), "bits_as_float64(bits_as_uint64(a.0))");
  // No builder makes it, a pass might.
  expect_text(Expr(Node{.kind = Cast{a()}, .type = DType::float64}), "float64(a.0)");
}

TEST(IrToString, ParenthesesKeepTheOrderOfOperations) {
  using enum BinaryOp;
  const auto op = [](BinaryOp o, const Expr& l, const Expr& r) { return binary(o, l, r); };
  expect_text(op(add, op(add, a(), b()), a()), "a.0 + .1 + a.0");
  expect_text(op(add, a(), op(add, b(), a())), "a.0 + (.1 + a.0)");
  expect_text(op(subtract, a(), op(subtract, b(), a())), "a.0 - (.1 - a.0)");
  expect_text(op(multiply, op(add, a(), b()), a()), "(a.0 + .1) * a.0");
  expect_text(op(add, op(multiply, a(), b()), a()), "a.0 * .1 + a.0");
  expect_text(op(divide, a(), op(multiply, b(), a())), "a.0 / (.1 * a.0)");
  expect_text(op(multiply, unary(UnaryOp::negate, a()), b()), "-a.0 * .1");
  expect_text(unary(UnaryOp::negate, op(multiply, a(), b())), "-(a.0 * .1)");
  expect_text(op(subtract, a(), f64(-2)), "a.0 - -2.0");
  const Expr lower = compare(CompareOp::less, a(), b());
  expect_text(op(logical_or, c(), op(logical_and, lower, c())), "c.2 || a.0 < .1 && c.2");
  expect_text(op(logical_and, op(logical_or, c(), lower), c()), "(c.2 || a.0 < .1) && c.2");
  expect_text(compare(CompareOp::equal, lower, c()), "(a.0 < .1) == c.2");
  expect_text(compare(CompareOp::not_equal, c(), lower), "c.2 != (a.0 < .1)");
  expect_text(compare(CompareOp::equal, c(), op(logical_or, c(), c())), "c.2 == (c.2 || c.2)");
}

TEST(IrToString, NamesThatAreNotUniqueBecomeNumbers) {
  Kernel kernel = tables();
  kernel.buffers = {{"u", DType::float64, BufferAccess::read, 1, {}},
                    {"u", DType::float64, BufferAccess::write, 1, {}},
                    {"", DType::float64, BufferAccess::write, 1, {}}};
  kernel.scalars = {{"h", DType::float64}, {"h", DType::float64}, {"u", DType::float64}};
  kernel.variables.clear();
  const auto sum =
      binary(BinaryOp::add, load(BufferId{0}, DType::float64, {1}, {}), scalar_parameter(ScalarId{1}, DType::float64));
  kernel.body = {Stmt{Store{BufferId{1}, {0}, {}, sum}},
                 Stmt{Store{BufferId{2}, {0}, {}, scalar_parameter(ScalarId{2}, DType::float64)}}};
  EXPECT_NE(to_string(kernel).find("store %1[0] = %0[1] + $1\n  store %2[0] = $u\n"), std::string::npos)
      << to_string(kernel);
  EXPECT_EQ(parse_kernel(to_string(kernel)), kernel);
}

TEST(IrToString, NamesMayBeWordsOfTheTextForm) {
  Kernel kernel;
  kernel.name = "loop";
  kernel.rank = 1;
  for (const char* name :
       {"i0", "true", "inf", "store", "let", "where", "buffer", "stride", "select", "float32", "e5"}) {
    const auto id = static_cast<std::uint32_t>(kernel.buffers.size());
    kernel.buffers.push_back({name, DType::float64, BufferAccess::read_write, 1, {}});
    kernel.scalars.push_back({name, DType::float64});
    kernel.variables.push_back({name, DType::float64});
    const Expr loaded = unary(UnaryOp::negate, load(BufferId{id}, DType::float64, {0}, {}));
    kernel.body.push_back(
        {Let{VarId{id}, binary(BinaryOp::add, loaded, scalar_parameter(ScalarId{id}, DType::float64))}});
    kernel.body.push_back({Store{BufferId{id}, {0}, {}, unary(UnaryOp::negate, variable(VarId{id}, DType::float64))}});
    kernel.body.push_back({ElementStore{BufferId{id}, stride(BufferId{id}, 0), f64(1)}});
  }
  EXPECT_EQ(parse_kernel(to_string(kernel)), kernel) << to_string(kernel);
}

/// A kernel that stores one value.
Kernel storing(const Expr& value) {
  Kernel kernel = tables();
  kernel.body = {Stmt{Store{BufferId{1}, {0, 0}, {0, 0}, value}}};
  return kernel;
}

Expr squares(int levels) {
  Expr e = a();
  for (int i = 0; i < levels; ++i) e = binary(BinaryOp::multiply, e, e);
  return e;
}

TEST(IrToString, SharedExpressionsHaveShortTexts) {
  const Kernel kernel = storing(squares(200));
  const std::string text = to_string(kernel);
  EXPECT_LT(text.size(), 10'000U);
  EXPECT_EQ(parse_kernel(text), kernel);
}

TEST(IrToString, TheTextDoesNotDependOnSharing) {
  // Equal trees of more nodes than a plain text has: one built of shared nodes, one of separate ones.
  const Expr shared = squares(11);
  const std::function<Expr(int)> separate = [&](int levels) {
    return levels == 0 ? a() : binary(BinaryOp::multiply, separate(levels - 1), separate(levels - 1));
  };
  const Kernel first = storing(shared);
  const Kernel second = storing(separate(11));
  ASSERT_EQ(first, second);
  EXPECT_EQ(to_string(first), to_string(second));
  EXPECT_NE(to_string(first).find("where @0 = a.0 * a.0\n"), std::string::npos);
}

TEST(IrToString, DeepExpressionsRoundTrip) {
  Expr left = a();
  Expr right = a();
  for (int i = 0; i < 3000; ++i) {
    const Expr leaf = f64(i);
    left = binary(BinaryOp::subtract, left, leaf);
    right = binary(BinaryOp::subtract, leaf, unary(UnaryOp::negate, right));
  }
  ASSERT_LT(right.node().depth, max_expr_depth);
  for (const Expr& deep : {left, right}) {
    const Kernel kernel = storing(deep);
    EXPECT_EQ(parse_kernel(to_string(kernel)), kernel);
  }
}

TEST(IrToString, RandomKernelsRoundTrip) {
  for (std::uint64_t seed = 0; seed < testing::fuzz_rounds(1000); ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    testing::RandomKernelOptions options;
    options.math_functions = testing::MathFunctions::included;
    options.depth = seed % 10 == 0 ? 9 : 4;
    if (seed % 3 == 1) options.order = IterationOrder::sequential;
    if (seed % 5 == 1) options.fp_mode = FpMode::contract;
    if (seed % 5 == 2) options.fp_mode = FpMode::fast;
    const Kernel kernel = testing::random_kernel(seed, options);
    const std::string text = to_string(kernel);
    const Kernel again = parse_kernel(text);
    ASSERT_EQ(again, kernel) << text;
    ASSERT_EQ(to_string(again), text);
  }
}

TEST(IrToString, EverythingThatDiffersShows) {
  const Kernel kernel = storing(a());
  const auto differs = [&](const auto& change) {
    Kernel other = kernel;
    change(other);
    EXPECT_NE(to_string(other), to_string(kernel));
    EXPECT_EQ(parse_kernel(to_string(other)), other);
  };
  differs([](Kernel& k) { k.name = "other"; });
  differs([](Kernel& k) { k.name = ""; });
  differs([](Kernel& k) { k.rank = 1; });
  differs([](Kernel& k) { k.fp_mode = FpMode::fast; });
  differs([](Kernel& k) { k.order = IterationOrder::sequential; });
  differs([](Kernel& k) { k.buffers[0].name = "w"; });
  differs([](Kernel& k) { k.buffers[0].dtype = DType::int8; });
  differs([](Kernel& k) { k.buffers[0].access = BufferAccess::write; });
  differs([](Kernel& k) { k.buffers[0].rank = 3; });
  differs([](Kernel& k) { k.buffers[1].index_shape = {3, 3}; });
  differs([](Kernel& k) { k.scalars[0].name = "g"; });
  differs([](Kernel& k) { k.scalars[0].dtype = DType::uint64; });
  differs([](Kernel& k) { k.variables[0].name = "g"; });
  differs([](Kernel& k) { k.variables[2].dtype = DType::uint64; });
  differs([](Kernel& k) { k.variables.push_back({"unused", DType::uint64}); });
  differs([](Kernel& k) { k.body.clear(); });
  differs([](Kernel& k) { k.body = {Stmt{Loop{0, 1, k.body}}}; });
  differs([](Kernel& k) { k.body = {Stmt{Loop{1, 2, {}}}}; });
  differs([](Kernel& k) { std::get<Store>(k.body[0].kind).offsets = {0, 1}; });
  differs([](Kernel& k) { std::get<Store>(k.body[0].kind).index = {0, 1}; });
  differs([](Kernel& k) { std::get<Store>(k.body[0].kind).buffer = BufferId{0}; });
}

TEST(IrToString, BrokenKernelsHaveATextToo) {
  Kernel kernel;
  kernel.name = "broken";
  kernel.body = {Stmt{Let{VarId{3}, load(BufferId{7}, DType::float64, {0}, {})}},
                 Stmt{Store{BufferId{8}, {0}, {}, scalar_parameter(ScalarId{9}, DType::float64)}}};
  EXPECT_EQ(to_string(kernel), R"(kernel broken(rank 0, strict, independent) {
  let .3: ? = %7[0]
  store %8[0] = $9
}
)");
}

TEST(IrToString, EnumeratorsHaveNames) {
  EXPECT_EQ(to_string(FpMode::contract), "contract");
  EXPECT_EQ(to_string(IterationOrder::sequential), "sequential");
  EXPECT_EQ(to_string(BufferAccess::read_write), "read_write");
}

}  // namespace
}  // namespace cppstencils::ir
