#include <gtest/gtest.h>

#include "cppstencils/support/error.hpp"
#include "ir/builder.hpp"
#include "ir/traverse.hpp"
#include "ir/verify.hpp"
#include "support/random.hpp"
#include "support/random_kernel.hpp"

namespace cppstencils::ir {
namespace {

constexpr std::string_view good_text = R"(
kernel k(rank 2, strict, independent) {
  buffer u: float64, rank 2, read
  buffer v: float64, rank 2, index (3), write
  buffer w: int32, rank 2, read_write
  scalar h: float64
  loop i0 step 1 {
    loop i1 step 2 {
      let a.0: float64 = u[1,0] * $h
      let b.1: int32 = w[0,0]
      store v[0,0](2) = a.0
      store w[0,0] = b.1
    }
  }
}
)";

constexpr std::string_view lowered_text = R"(
kernel k(rank 2, strict, independent) {
  buffer u: float64, rank 2, read
  buffer v: float64, rank 2, write
  loop i0 step 1 {
    let row.0: int64 = i0 * stride(u, 0)
    loop i1 step 1 {
      let a.1: float64 = u@(row.0 + i1)
      store v@(row.0 + i1) = a.1
    }
  }
}
)";

/// The faults that verify finds, one per line.
std::string faults_of(const Kernel& kernel) {
  try {
    verify(kernel, "some_pass");
  } catch (const InternalError& error) {
    std::string lines;
    for (std::size_t i = 0; i + 1 < error.notes().size(); ++i) lines += error.notes()[i] + "\n";
    return lines;
  }
  return {};
}

/// The faults of a text after one part of it is replaced.
std::string faults_after(std::string_view good, std::string_view part, std::string_view replacement) {
  std::string text(good);
  const std::size_t place = text.find(part);
  EXPECT_NE(place, std::string::npos) << part;
  text.replace(place, part.size(), replacement);
  return faults_of(parse_kernel(text));
}
std::string faults_after(std::string_view part, std::string_view replacement) {
  return faults_after(good_text, part, replacement);
}

/// The faults of the good kernel with another value of variable 0.
std::string faults_with_value(const Expr& value) {
  Kernel kernel = parse_kernel(good_text);
  Block block = cell_block(kernel);
  std::get<Let>(block[0].kind).value = value;
  return faults_of(with_cell_block(kernel, block));
}

Expr raw(NodeKind kind, DType type) { return Expr(Node{.kind = std::move(kind), .type = type}); }

TEST(IrVerify, AcceptsGoodKernels) {
  EXPECT_EQ(faults_of(parse_kernel(good_text)), "");
  EXPECT_EQ(faults_of(parse_kernel(lowered_text)), "");
  EXPECT_EQ(faults_of(parse_kernel("kernel (rank 0, fast, sequential) { let a.0: int64 = 1 }")), "");
  for (std::uint64_t seed = 0; seed < testing::fuzz_rounds(500); ++seed) {
    testing::RandomKernelOptions options;
    options.math_functions = testing::MathFunctions::included;
    if (seed % 2 == 1) options.order = IterationOrder::sequential;
    if (seed % 3 == 1) options.reductions = 3;
    EXPECT_EQ(faults_of(testing::random_kernel(seed, options)), "") << "seed " << seed;
  }
}

TEST(IrVerify, Rule1IdsAreInTheirTables) {
  EXPECT_EQ(faults_with_value(variable(VarId{7}, DType::float64)), "Rule 1: Variable 7 is not in the table.\n");
  EXPECT_EQ(faults_with_value(scalar_parameter(ScalarId{1}, DType::float64)),
            "Rule 1: Scalar 1 is not in the table.\n");
  EXPECT_EQ(faults_with_value(load(BufferId{3}, DType::float64, {0, 0}, {})),
            "Rule 1: Buffer 3 is not in the table.\n");
  EXPECT_EQ(faults_with_value(cast(DType::float64, stride(BufferId{3}, 0))), "Rule 1: Buffer 3 is not in the table.\n");
  EXPECT_EQ(faults_with_value(cast(DType::float64, stride(BufferId{1}, 3))), "Rule 1: Buffer 'v' has no axis 3.\n");
  Kernel kernel = parse_kernel(good_text);
  Block block = cell_block(kernel);
  std::get<Store>(block[2].kind).buffer = BufferId{3};
  EXPECT_EQ(faults_of(with_cell_block(kernel, block)), "Rule 1: Buffer 3 is not in the table.\n");
  block = cell_block(kernel);
  std::get<Let>(block[1].kind).id = VarId{2};
  kernel.variables.pop_back();
  EXPECT_EQ(faults_of(with_cell_block(kernel, block)),
            "Rule 1: Variable 2 is not in the table.\nRule 1: Variable 1 is not in the table.\n");
}

TEST(IrVerify, Rule1ReferencesHaveTheTypeOfTheirEntry) {
  EXPECT_EQ(faults_with_value(cast(DType::float64, scalar_parameter(ScalarId{0}, DType::float32))),
            "Rule 1: A reference to scalar 'h' of float64 has float32.\n");
  EXPECT_EQ(faults_with_value(cast(DType::float64, load(BufferId{2}, DType::int64, {0, 0}, {}))),
            "Rule 1: A reference to buffer 'w' of int32 has int64.\n");
  EXPECT_EQ(faults_with_value(float_constant(DType::float32, 1)),
            "Rule 1: Variable 0 has float64 and is defined as float32.\n");
  Kernel kernel = parse_kernel(good_text);
  kernel.variables[0].dtype = DType::float32;
  EXPECT_EQ(faults_of(kernel),
            "Rule 1: Variable 0 has float32 and is defined as float64.\n"
            "Rule 1: A reference to variable 'a' of float32 has float64.\n");
}

TEST(IrVerify, Rule2VariablesAreDefinedOnceBeforeTheirUses) {
  EXPECT_EQ(faults_after("let b.1: int32 = w[0,0]", "let b.1: int32 = w[0,0] let b.1: int32 = 1i32"),
            "Rule 2: Variable 1 is defined twice.\n");
  // Used in the definition before its own.
  EXPECT_EQ(faults_with_value(cast(DType::float64, variable(VarId{1}, DType::int32))),
            "Rule 2: Variable 1 is used where it is not defined.\n");
  // Used in its own definition.
  EXPECT_EQ(faults_with_value(variable(VarId{0}, DType::float64)),
            "Rule 2: Variable 0 is used where it is not defined.\n");
  // Used after the end of its block.
  EXPECT_EQ(faults_after(lowered_text, "= a.1\n    }", "= a.1\n    }\n    let late.2: float64 = a.1"),
            "Rule 2: Variable 1 is used where it is not defined.\n");
}

TEST(IrVerify, Rule3OperandTypesFit) {
  const Expr n = int_constant(DType::int32, 1);
  const Expr h = scalar_parameter(ScalarId{0}, DType::float64);
  EXPECT_EQ(faults_with_value(raw(Binary{BinaryOp::add, h, n}, DType::float64)),
            "Rule 3: add has operands of float64 and int32.\n");
  EXPECT_EQ(faults_with_value(raw(Unary{UnaryOp::square_root, n}, DType::float64)),
            "Rule 3: square_root takes a floating-point number, not int32.\n");
  EXPECT_EQ(faults_with_value(raw(Select{h, h, h}, DType::float64)),
            "Rule 3: The condition of select takes a boolean, not float64.\n");
  EXPECT_EQ(faults_with_value(raw(Call{MathFunction::pow, {h}}, DType::float64)),
            "Rule 3: pow takes 2 operands, not 1.\n");
  EXPECT_EQ(faults_with_value(raw(Constant{1}, DType::float64)), "");
  EXPECT_EQ(faults_with_value(cast(DType::float64, raw(Constant{256}, DType::uint8))),
            "Rule 3: A literal of uint8 has more than 8 bits.\n");
}

TEST(IrVerify, Rule4ElementsFitTheirBuffer) {
  EXPECT_EQ(faults_after("u[1,0]", "u[1]"),
            "Rule 4: Buffer 'u' has 2 spatial dimensions and is accessed with 1 offsets.\n");
  EXPECT_EQ(faults_after("u[1,0]", "u[1,0](0)"),
            "Rule 4: Buffer 'u' has 0 index dimensions and is accessed with 1 indices.\n");
  EXPECT_EQ(faults_after("v[0,0](2)", "v[0,0]"),
            "Rule 4: Buffer 'v' has 1 index dimensions and is accessed with 0 indices.\n");
  EXPECT_EQ(faults_after("v[0,0](2)", "v[0,0,0](2)"),
            "Rule 4: Buffer 'v' has 2 spatial dimensions and is accessed with 3 offsets.\n");
  EXPECT_EQ(faults_after("v[0,0](2)", "v[0,0](3)"), "Rule 4: Index 3 of buffer 'v' is outside 0 to 2.\n");
  EXPECT_EQ(faults_after("v[0,0](2)", "v[0,0](-1)"), "Rule 4: Index -1 of buffer 'v' is outside 0 to 2.\n");
}

TEST(IrVerify, Rule5StoredValuesHaveTheTypeOfTheBuffer) {
  EXPECT_EQ(faults_after("store w[0,0] = b.1", "store w[0,0] = a.0"),
            "Rule 5: A value of float64 is stored to buffer 'w' of int32.\n");
  EXPECT_EQ(faults_after(lowered_text, "= a.1", "= float32(a.1)"),
            "Rule 5: A value of float32 is stored to buffer 'v' of float64.\n");
  EXPECT_EQ(faults_after(lowered_text, "store v@(row.0 + i1)", "store v@(1i32)"),
            "Rule 5: The position of a store is int32.\n");
}

TEST(IrVerify, Rule6LoopsNestAndAreComplete) {
  EXPECT_EQ(faults_after("step 2", "step 0"), "Rule 6: The loop of dimension 1 has step 0.\n");
  EXPECT_EQ(faults_after(lowered_text, "rank 2, strict", "rank 3, strict"), "Rule 6: Dimension 2 has no loop.\n");
  EXPECT_EQ(faults_after(lowered_text, "rank 2, strict", "rank 1, strict"),
            "Rule 6: The kernel of rank 1 has a loop of dimension 1.\n");
  EXPECT_EQ(faults_after(lowered_text, "store v@(row.0 + i1) = a.1", "loop i1 step 1 {}"),
            "Rule 6: Dimension 1 has more than one loop.\n");
  EXPECT_EQ(faults_after(lowered_text, "loop i0 step 1 {", "loop i1 step 1 {} loop i0 step 1 {"),
            "Rule 6: The loop of dimension 0 stands beside another loop.\n"
            "Rule 6: Dimension 1 has more than one loop.\n");
  EXPECT_EQ(faults_after(lowered_text, "i0 * stride(u, 0)", "i1 * stride(u, 0)"),
            "Rule 6: The index of dimension 1 is used outside of its loop.\n");
  EXPECT_EQ(faults_after("let b.1: int32 = w[0,0]\n      store v[0,0](2) = a.0\n      store w[0,0] = b.1\n    }",
                         "store v[0,0](2) = a.0\n    }\n    store w[0,0] = 1i32"),
            "Rule 6: Buffer 'w' is accessed outside of the loop of dimension 1.\n");
}

TEST(IrVerify, Rule7AccessesFitTheBuffer) {
  EXPECT_EQ(faults_after("index (3), write", "index (3), read"), "Rule 7: Buffer 'v' is only read, and stored to.\n");
  EXPECT_EQ(faults_after("rank 2, read\n", "rank 2, write\n"),
            "Rule 7: Buffer 'u' is only written, and loaded from.\n");
  EXPECT_EQ(faults_after(lowered_text, "rank 2, read\n", "rank 2, write\n"),
            "Rule 7: Buffer 'u' is only written, and loaded from.\n");
  EXPECT_EQ(faults_after(lowered_text, "rank 2, write\n", "rank 2, read\n"),
            "Rule 7: Buffer 'v' is only read, and stored to.\n");
}

TEST(IrVerify, Rule8NoLoadFollowsAStore) {
  EXPECT_EQ(faults_after("store w[0,0] = b.1", "store w[0,0] = w[0,0]"), "Rule 8: A load follows a store.\n");
  EXPECT_EQ(faults_after(lowered_text, "= a.1", "= a.1 let c.2: float64 = u@(0)"), "Rule 8: A load follows a store.\n");
  EXPECT_EQ(faults_after(lowered_text, "loop i1 step 1 {", "store v@(0) = 0.0 loop i1 step 1 {"),
            "Rule 8: A load follows a store.\n");
  // The value of the store itself may be loaded.
  EXPECT_EQ(faults_after("store v[0,0](2) = a.0", "store v[0,0](2) = u[0,0]"), "");
}

TEST(IrVerify, Rule9AccessesAreOfOneForm) {
  EXPECT_EQ(faults_after("u[1,0]", "u@(1)"),
            "Rule 9: Accesses relative to the cell and to the base pointer are mixed.\n");
  EXPECT_EQ(faults_after(lowered_text, "v@(row.0 + i1)", "v[0,0]"),
            "Rule 9: Accesses relative to the cell and to the base pointer are mixed.\n");
}

TEST(IrVerify, Rule10ReductionsTakeOneNumberOfEachCell) {
  constexpr std::string_view text = R"(
kernel k(rank 1, strict, independent) {
  buffer u: float64, rank 1, read
  buffer v: float64, rank 1, write
  reduction s: float64, add
  loop i0 step 1 {
    reduce s = u[0]
    store v[0] = 1.0
  }
}
)";
  EXPECT_EQ(faults_of(parse_kernel(text)), "");
  EXPECT_EQ(faults_after(text, "reduce s = u[0]", ""), "Rule 10: Reduction 0 takes no value.\n");
  EXPECT_EQ(faults_after(text, "reduce s = u[0]", "reduce s = u[0] reduce s = u[1]"),
            "Rule 10: Reduction 0 takes two values.\n");
  EXPECT_EQ(faults_after(text, "reduce s = u[0]\n    store v[0] = 1.0\n  }", "}\n  reduce s = 1.0"),
            "Rule 10: A value is reduced outside of the innermost loop.\n");
  EXPECT_EQ(faults_after(text, "reduction s: float64", "reduction s: float32"),
            "Rule 1: A reference to reduction 's' of float32 has float64.\n");
  EXPECT_EQ(faults_after(text, "reduce s = u[0]\n    store v[0] = 1.0", "store v[0] = 1.0\n    reduce s = u[0]"),
            "Rule 8: A load follows a store.\n");
  Kernel kernel = parse_kernel(text);
  Block block = cell_block(kernel);
  block[0] = {Reduce{ReductionId{1}, float_constant(DType::float64, 1)}};
  EXPECT_EQ(faults_of(with_cell_block(kernel, block)),
            "Rule 1: Reduction 1 is not in the table.\nRule 10: Reduction 0 takes no value.\n");
  kernel.reductions[0].dtype = DType::boolean;
  block[0] = {Reduce{ReductionId{0}, bool_constant(true)}};
  EXPECT_EQ(faults_of(with_cell_block(kernel, block)), "Rule 10: Reduction 's' of bool is no number.\n");
}

TEST(IrVerify, TheErrorNamesStageRulesAndText) {
  Kernel kernel = parse_kernel(good_text);
  kernel.buffers[0].access = BufferAccess::write;
  kernel.buffers[1].access = BufferAccess::read;
  try {
    verify(kernel, "some_pass");
    FAIL() << "nothing was found";
  } catch (const InternalError& error) {
    EXPECT_EQ(error.message(), "The IR of kernel 'k' breaks a rule after 'some_pass'.");
    ASSERT_EQ(error.notes().size(), 3U);
    EXPECT_EQ(error.notes()[2], "The IR is:\n" + to_string(kernel));
  }
}

TEST(IrVerify, FewFaultsAreEnough) {
  Kernel kernel = parse_kernel(good_text);
  Block block = cell_block(kernel);
  for (int i = 0; i < 1000; ++i) block.push_back(block[3]);
  kernel.buffers[2].access = BufferAccess::read;
  try {
    verify(with_cell_block(kernel, block), "some_pass");
    FAIL() << "nothing was found";
  } catch (const InternalError& error) {
    EXPECT_EQ(error.notes().size(), 21U);
  }
}

}  // namespace
}  // namespace cppstencils::ir
