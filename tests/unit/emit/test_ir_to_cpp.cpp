#include "emit/ir_to_cpp.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "ir/builder.hpp"

namespace cppstencils::testing {
namespace {

using ir::Expr;
using enum ir::BinaryOp;

/// A lowered kernel with one row of cells that stores a value to `out`; its inputs are `a`, `b` and `c`.
class RowKernel {
 public:
  explicit RowKernel(DType type, DType result) {
    kernel_.name = "row";
    kernel_.rank = 1;
    for (const char* name : {"a", "b", "c"}) kernel_.buffers.push_back({name, type, ir::BufferAccess::read, 1, {}});
    kernel_.buffers.push_back({"out", result, ir::BufferAccess::write, 1, {}});
  }
  explicit RowKernel(DType type) : RowKernel(type, type) {}

  Expr input(std::uint32_t i) const { return ir::element_load({i}, kernel_.buffers[i].dtype, ir::loop_index(0)); }
  ir::Kernel& kernel() { return kernel_; }

  ir::Kernel storing(const Expr& value) {
    ir::Block cell{{ir::ElementStore{{3}, ir::loop_index(0), value}}};
    kernel_.body = {{ir::Loop{0, 1, std::move(cell)}}};
    return kernel_;
  }
  /// The whole text for both variants.
  std::string text(const Expr& value) {
    const ir::Kernel kernel = storing(value);
    return emit::ir_to_cpp(kernel, kernel);
  }
  /// What is stored.
  std::string stored(const Expr& value) {
    const std::string all = text(value);
    constexpr std::string_view start = "f_out[i0] = ";
    const std::size_t at = all.find(start);
    EXPECT_NE(at, std::string::npos) << all;
    const std::size_t from = at + start.size();
    return all.substr(from, all.find(';', from) - from);
  }

 private:
  ir::Kernel kernel_;
};

class FloatText : public ::testing::Test {
 protected:
  RowKernel row{DType::float64};
  Expr a = row.input(0);
  Expr b = row.input(1);
  Expr c = row.input(2);
};

TEST_F(FloatText, ParenthesesKeepTheOrder) {
  EXPECT_EQ(row.stored(ir::binary(subtract, ir::binary(subtract, a, b), c)), "f_a[i0] - f_b[i0] - f_c[i0]");
  EXPECT_EQ(row.stored(ir::binary(subtract, a, ir::binary(subtract, b, c))), "f_a[i0] - (f_b[i0] - f_c[i0])");
  EXPECT_EQ(row.stored(ir::binary(add, a, ir::binary(add, b, c))), "f_a[i0] + (f_b[i0] + f_c[i0])");
  EXPECT_EQ(row.stored(ir::binary(multiply, ir::binary(add, a, b), c)), "(f_a[i0] + f_b[i0]) * f_c[i0]");
  EXPECT_EQ(row.stored(ir::binary(divide, a, ir::binary(multiply, b, c))), "f_a[i0] / (f_b[i0] * f_c[i0])");
  EXPECT_EQ(row.stored(ir::binary(add, a, ir::binary(multiply, b, c))), "f_a[i0] + f_b[i0] * f_c[i0]");
}

TEST_F(FloatText, SignsNeverRunTogether) {
  const auto negate = [](const Expr& e) { return ir::unary(ir::UnaryOp::negate, e); };
  EXPECT_EQ(row.stored(negate(ir::binary(add, a, b))), "-(f_a[i0] + f_b[i0])");
  EXPECT_EQ(row.stored(ir::binary(subtract, a, negate(b))), "f_a[i0] - -f_b[i0]");
  EXPECT_EQ(row.stored(ir::binary(subtract, a, ir::float_constant(DType::float64, -2))), "f_a[i0] - -2.0");
}

TEST_F(FloatText, SelectionsAndComparisons) {
  const Expr less = ir::compare(ir::CompareOp::less, a, b);
  const Expr same = ir::compare(ir::CompareOp::equal, a, b);
  const Expr one = ir::float_constant(DType::float64, 1);
  const Expr two = ir::float_constant(DType::float64, 2);
  // Without a branch, so that loops become vector code.
  EXPECT_EQ(row.stored(ir::select(less, one, two)), "select_f64(f_a[i0] < f_b[i0], 1.0, 2.0)");
  EXPECT_EQ(row.stored(ir::binary(add, c, ir::select(same, one, two))),
            "f_c[i0] + select_f64(f_a[i0] == f_b[i0], 1.0, 2.0)");
  EXPECT_EQ(row.stored(ir::select(less, one, ir::select(ir::compare(ir::CompareOp::less_equal, c, one), two, c))),
            "select_f64(f_a[i0] < f_b[i0], 1.0, select_f64(t0 <= 1.0, 2.0, t0))");
}

TEST(BooleanText, BothOperandsAreEvaluated) {
  RowKernel row(DType::float64, DType::boolean);
  const Expr less = ir::compare(ir::CompareOp::less, row.input(0), row.input(1));
  const Expr same = ir::compare(ir::CompareOp::equal, row.input(1), row.input(2));
  EXPECT_EQ(row.stored(less), "f_a[i0] < f_b[i0]");
  EXPECT_EQ(row.stored(ir::unary(ir::UnaryOp::logical_not, less)), "!(f_a[i0] < f_b[i0])");
  EXPECT_EQ(row.stored(ir::binary(logical_or, less, ir::cast(DType::boolean, row.input(2)))),
            "bool((f_a[i0] < f_b[i0]) | (f_c[i0] != 0))");
  EXPECT_NE(row.stored(ir::binary(logical_and, less, same)).find(" & "), std::string::npos);
}

TEST(BooleanText, BytesAreComparedWithZero) {
  RowKernel row(DType::boolean);
  EXPECT_EQ(row.stored(row.input(0)), "f_a[i0] != 0");
}

TEST(IntegerText, OperatorsOnBitsStandInParentheses) {
  using enum ir::BinaryOp;
  RowKernel row(DType::uint64);
  const Expr a = row.input(0);
  const Expr b = row.input(1);
  EXPECT_EQ(row.stored(ir::binary(bit_and, a, b)), "(f_a[i0] & f_b[i0])");
  EXPECT_EQ(row.stored(ir::binary(bit_xor, ir::binary(bit_and, a, b), b)), "((f_a[i0] & t0) ^ t0)");
  EXPECT_EQ(row.stored(ir::binary(bit_and, ir::binary(add, a, b), b)), "((f_a[i0] + t0) & t0)");
  RowKernel narrow(DType::uint8);
  EXPECT_EQ(narrow.stored(ir::binary(bit_xor, narrow.input(0), narrow.input(1))), "u8(f_a[i0] ^ f_b[i0])");
}

TEST(IntegerText, WrapsInUnsignedArithmetic) {
  RowKernel row(DType::int32);
  const Expr a = row.input(0);
  const Expr b = row.input(1);
  EXPECT_EQ(row.stored(ir::binary(add, a, b)), "i32(u32(f_a[i0]) + f_b[i0])");
  EXPECT_EQ(row.stored(ir::binary(multiply, ir::binary(add, a, b), a)).substr(0, 5), "i32((");
  EXPECT_EQ(row.stored(ir::binary(subtract, a, ir::int_constant(DType::int32, -5))), "i32(u32(f_a[i0]) + 5)");
  EXPECT_EQ(row.stored(ir::binary(add, a, ir::int_constant(DType::int32, INT32_MIN))),
            "i32(u32(f_a[i0]) - 2147483648)");
  EXPECT_EQ(row.stored(ir::unary(ir::UnaryOp::negate, a)), "i32(-u32(f_a[i0]))");
  EXPECT_EQ(row.stored(ir::binary(divide, a, ir::int_constant(DType::int32, 3))), "f_a[i0] / 3");
  EXPECT_EQ(row.stored(ir::binary(divide, a, b)), "divide_i32(f_a[i0], f_b[i0])");
}

TEST(IntegerText, NarrowTypesAreNeverMultipliedAsInt) {
  RowKernel row(DType::uint16);
  EXPECT_EQ(row.stored(ir::binary(multiply, row.input(0), row.input(1))), "u16(u32(f_a[i0]) * f_b[i0])");
}

TEST(IntegerText, WideUnsignedTypesAreWrittenPlainly) {
  RowKernel row(DType::uint64);
  EXPECT_EQ(row.stored(ir::binary(subtract, row.input(0), row.input(1))), "f_a[i0] - f_b[i0]");
}

TEST(KernelText, NothingIsIncludedAndTheLibraryIsNotNamed) {
  RowKernel row(DType::float64);
  const std::string text = row.text(ir::call(ir::MathFunction::sin, {row.input(0)}));
  EXPECT_EQ(text.find("#include"), std::string::npos);
  EXPECT_EQ(text.find("std::"), std::string::npos);
  EXPECT_NE(text.find("extern \"C\" double sin(double);"), std::string::npos);
  EXPECT_EQ(text.find("double cos(double)"), std::string::npos);
}

TEST(KernelText, OnlyIndependentCellsAreMarked) {
  RowKernel row(DType::float64);
  EXPECT_NE(row.text(row.input(0)).find("CS_INDEPENDENT_CELLS"), std::string::npos);
  row.kernel().order = ir::IterationOrder::sequential;
  EXPECT_EQ(row.text(row.input(0)).find("CS_INDEPENDENT_CELLS"), std::string::npos);
}

TEST(KernelText, SharedValuesAreWrittenOnce) {
  RowKernel row(DType::float64);
  // Doubled 60 times: a tree of 2^60 leaves, a text of 60 lines.
  Expr value = row.input(0);
  for (int i = 0; i < 60; ++i) value = ir::binary(add, value, value);
  EXPECT_LT(row.text(value).size(), 20000U);
}

TEST(KernelText, EqualStructureGivesEqualTextWhateverIsShared) {
  RowKernel row(DType::float64);
  const Expr shared = ir::binary(add, row.input(0), row.input(1));
  const Expr one = ir::binary(multiply, shared, shared);
  const Expr two =
      ir::binary(multiply, ir::binary(add, row.input(0), row.input(1)), ir::binary(add, row.input(0), row.input(1)));
  EXPECT_EQ(row.text(one), row.text(two));
}

int deepest_nesting(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  for (const char c : text) {
    if (c == '(' || c == '[') deepest = std::max(deepest, ++depth);
    if (c == ')' || c == ']') --depth;
  }
  EXPECT_EQ(depth, 0);
  return deepest;
}

TEST(KernelText, NestingIsLimited) {
  for (const DType type : {DType::float64, DType::int32, DType::int8}) {
    RowKernel row(type);
    Expr left = row.input(0);
    Expr right = row.input(0);
    for (int i = 0; i < 500; ++i) {
      left = ir::binary(i % 2 == 0 ? subtract : multiply, left, row.input(1));
      right = ir::binary(i % 2 == 0 ? subtract : multiply, row.input(1), right);
    }
    EXPECT_LT(deepest_nesting(row.text(left)), 200);
    EXPECT_LT(deepest_nesting(row.text(right)), 200);
  }
}

TEST(KernelText, LongLinesAreBroken) {
  RowKernel row(DType::float64);
  Expr value = row.input(0);
  for (int i = 0; i < 100; ++i) value = ir::binary(add, value, row.input(1 + i % 2));
  const std::string text = row.text(value);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    EXPECT_LE(end - at, 120U) << text.substr(at, end - at);
    at = end + 1;
  }
}

/// All words of the text that look like identifiers.
std::set<std::string> identifiers(std::string_view text) {
  std::set<std::string> words;
  std::string word;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
      word += c;
    } else {
      if (!word.empty()) words.insert(word);
      word.clear();
    }
  }
  return words;
}

TEST(KernelText, HostileNamesStayNames) {
  const std::vector<std::string> names{"k(...){__builtin_printf(\"x\");} void z",
                                       "a+0*b",
                                       "f;}x",
                                       "*/ int evil; /*",
                                       "line\nint evil;",
                                       "tail\\",
                                       "?\?/",
                                       "linux",
                                       "unix",
                                       "int",
                                       "double",
                                       "arguments",
                                       "begin",
                                       "end",
                                       "i0",
                                       "t0",
                                       "__x86_64__",
                                       "\xc3\xa4",
                                       "",
                                       "#define x",
                                       "\"",
                                       "'",
                                       "%s{}",
                                       "return"};
  RowKernel row(DType::float64);
  const std::string plain = row.text(row.input(0));
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    RowKernel hostile(DType::float64);
    hostile.kernel().name = name;
    for (ir::Buffer& buffer : hostile.kernel().buffers) buffer.name = name;
    hostile.kernel().scalars = {{name, DType::float64}, {name, DType::float64}};
    hostile.kernel().variables = {{name, DType::float64}};
    const Expr sum = ir::binary(add, ir::scalar_parameter({0}, DType::float64),
                                ir::binary(add, ir::scalar_parameter({1}, DType::float64), hostile.input(1)));
    ir::Block cell{{ir::Let{{0}, sum}}, {ir::ElementStore{{3}, ir::loop_index(0), ir::variable({0}, DType::float64)}}};
    hostile.kernel().body = {{ir::Loop{0, 1, std::move(cell)}}};
    const std::string text = emit::ir_to_cpp(hostile.kernel(), hostile.kernel());
    EXPECT_FALSE(identifiers(text).contains("evil"));
    EXPECT_FALSE(identifiers(text).contains("__builtin_printf"));
    // Nothing but what the emitter itself writes, and letters, digits and '_' of names.
    const auto lines = std::count(text.begin(), text.end(), '\n');
    EXPECT_GE(lines, std::count(plain.begin(), plain.end(), '\n'));
    EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c < 0x7f); }));
    EXPECT_EQ(text.find('\\'), std::string::npos);
    EXPECT_EQ(text.find("/*"), std::string::npos);
    EXPECT_EQ(text.find("*/"), std::string::npos);
    EXPECT_EQ(text.find("?\?"), std::string::npos);
  }
}

TEST(KernelText, FunctionNames) {
  EXPECT_EQ(emit::unit_function_name("heat"), "cs_heat_unit");
  EXPECT_EQ(emit::any_function_name("heat"), "cs_heat_any");
  EXPECT_EQ(emit::any_function_name("a b;"), "cs_a_b__any");
}

TEST(KernelText, KernelsOfOneTextHaveDifferentNames) {
  RowKernel row(DType::float64);
  const ir::Kernel kernel = row.storing(row.input(0));
  const std::vector<emit::KernelVariants> twice{{kernel, kernel}, {kernel, kernel}};
  EXPECT_THROW(emit::ir_to_cpp(twice), InternalError);
}

}  // namespace
}  // namespace cppstencils::testing
