#include <gtest/gtest.h>

#include "cppstencils/ir/kernel.hpp"
#include "cppstencils/support/error.hpp"
#include "support/random.hpp"
#include "support/random_kernel.hpp"

namespace cppstencils::ir {
namespace {

/// "line:column message" of the error that a text gives; empty if it gives none.
std::string error_of(std::string_view text) {
  try {
    parse_kernel(text);
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), ErrorCode::parse_failed);
    return error.where() + ": " + error.message();
  }
  return {};
}

/// The error of an expression that is stored to a buffer of the type: column in line 2, and message.
/// The expression starts at column 17.
std::string expr_error(const std::string& text, const std::string& type = "float64") {
  const std::string head = "kernel k(rank 1, strict, independent) { buffer v: " + type +
                           ", rank 1, index (2), read_write scalar h: float32 variable a.0: float64\n"
                           "store v[0](0) = ";
  std::string error = error_of(head + text + "\n}");
  const std::string_view place = "line 2, column ";
  if (error.starts_with(place)) error.erase(0, place.size());
  const std::size_t rest = error.find(" of the kernel text: ");
  if (rest != std::string::npos) error.erase(rest, std::string_view(" of the kernel text").size());
  return error;
}

TEST(IrParse, CommentsAndLineEndsAreSpaces) {
  const Kernel kernel = parse_kernel(
      "# A kernel.\n"
      "kernel k(rank 1,strict,independent){buffer v:double,rank 1,write # on one line\n"
      "loop i0 step 1{store v[0]=1.0+2.0 store v[1]=3.0}}\r\n# The end.");
  EXPECT_EQ(to_string(kernel), R"(kernel k(rank 1, strict, independent) {
  buffer v: float64, rank 1, write
  loop i0 step 1 {
    store v[0] = 1.0 + 2.0
    store v[1] = 3.0
  }
}
)");
}

TEST(IrParse, ErrorsNameThePlace) {
  EXPECT_EQ(error_of(""), "line 1, column 1 of the kernel text: Expected 'kernel', found the end of the text.");
  EXPECT_EQ(error_of("kernel k(rank x"), "line 1, column 15 of the kernel text: Expected a rank, found 'x'.");
  EXPECT_EQ(error_of("kernel k(rank 65,"),
            "line 1, column 15 of the kernel text: 65 is not a rank: it must be 0 to 64.");
  EXPECT_EQ(error_of("kernel k(rank 1, slow"),
            "line 1, column 18 of the kernel text: 'slow' is not a floating-point mode.");
  EXPECT_EQ(error_of("kernel k(rank 1, strict, sometimes"),
            "line 1, column 26 of the kernel text: 'sometimes' is not an iteration order.");
  const std::string head = "kernel k(rank 1, strict, independent) {\n";
  EXPECT_EQ(error_of(head + "  buffer u: float80"), "line 2, column 13 of the kernel text: 'float80' is not a type.");
  EXPECT_EQ(error_of(head + "  buffer u: float64, rank 1, maybe"),
            "line 2, column 30 of the kernel text: 'maybe' is not an access.");
  EXPECT_EQ(error_of(head + "  scalar u float64"),
            "line 2, column 12 of the kernel text: Expected ':', found 'float64'.");
  EXPECT_EQ(error_of(head + "  return"), "line 2, column 3 of the kernel text: 'return' is no statement.");
  EXPECT_EQ(error_of(head + "  loop x step 1 {}"),
            "line 2, column 8 of the kernel text: 'x' cannot be a loop index here.");
  EXPECT_EQ(error_of(head + "  store w[0] = 1"), "line 2, column 9 of the kernel text: There is no buffer 'w'.");
  EXPECT_EQ(error_of(head + "  reduce w = 1"), "line 2, column 10 of the kernel text: There is no reduction 'w'.");
  EXPECT_EQ(error_of(head + "  reduction w: int64, and"),
            "line 2, column 23 of the kernel text: 'and' is not an operation of reductions.");
  EXPECT_EQ(error_of(head + "  variable a.1: int64\n}"), "line 3, column 2 of the kernel text: Variable 0 is missing.");
  EXPECT_EQ(error_of(head + "  variable a.0: int64 variable a.0: int32\n}"),
            "line 2, column 32 of the kernel text: Variable 0 has another name or type elsewhere.");
  EXPECT_EQ(error_of(head + "} more"), "line 2, column 3 of the kernel text: There is text after the kernel.");
  EXPECT_EQ(error_of(head + "  where @1 = 1"), "line 2, column 9 of the kernel text: Expected '@0'.");
  EXPECT_EQ(error_of(head),
            "line 2, column 1 of the kernel text: Expected a statement or '}', found the end of the text.");
  EXPECT_EQ(error_of("kernel k?"), "line 1, column 9 of the kernel text: The character '?' has no meaning here.");
  EXPECT_EQ(error_of("kernel \xc3\xa4"), "line 1, column 8 of the kernel text: The byte 0xc3 has no meaning here.");
  EXPECT_EQ(error_of(head + "buffer u: int8, rank 1, read buffer u: int8, rank 1, write\nstore u[0] = 1i8 }"),
            "line 3, column 7 of the kernel text: More than one buffer has the name 'u'; refer to it as '%0'.");
}

TEST(IrParse, ErrorsOfExpressionsSayWhatIsWrong) {
  EXPECT_EQ(expr_error("a.0 + v[0](1) * 2.0"), "");
  EXPECT_EQ(expr_error("a.0 + 1"), "21: add has operands of float64 and int64.");
  EXPECT_EQ(expr_error("a.0 + $h"), "21: add has operands of float64 and float32.");
  EXPECT_EQ(expr_error("b.0"), "17: There is no variable 'b.0' here.");
  EXPECT_EQ(expr_error("a.1"), "17: There is no variable 'a.1' here.");
  EXPECT_EQ(expr_error("$g"), "18: There is no scalar 'g'.");
  EXPECT_EQ(expr_error("$1"), "18: There is no scalar number 1.");
  EXPECT_EQ(expr_error("%1[0]"), "18: There is no buffer number 1.");
  EXPECT_EQ(expr_error("w[0]"), "17: There is no buffer 'w'.");
  EXPECT_EQ(expr_error("@0"), "17: '@0' has no line 'where @0 = ...' before this statement.");
  EXPECT_EQ(expr_error("w"), "17: 'w' is no expression.");
  EXPECT_EQ(expr_error("i01"), "17: 'i01' is no expression.");
  EXPECT_EQ(expr_error("round(a.0)"), "17: There is no function 'round'.");
  EXPECT_EQ(expr_error("select(true, 1.0)"), "17: 'select' takes 3 operands, not 2.");
  EXPECT_EQ(expr_error("minimum(1.0)"), "17: 'minimum' takes 2 operands, not 1.");
  EXPECT_EQ(expr_error("bit_xor(1.0, 2.0)"), "17: bit_xor takes integers, not float64.");
  EXPECT_EQ(expr_error("floor(1.0, 2.0)"), "17: 'floor' takes 1 operand.");
  EXPECT_EQ(expr_error("pow(1.0)"), "17: pow takes 2 operands, not 1.");
  EXPECT_EQ(expr_error("floor(1)"), "17: floor takes a floating-point number, not int64.");
  EXPECT_EQ(expr_error("v@(1.0)"), "18: The position of a load takes int64, not float64.");
  EXPECT_EQ(expr_error("true == false == true", "bool"), "31: Comparisons do not chain; write parentheses.");
  EXPECT_EQ(expr_error("1.0 +"), "line 3, column 1: Expected an expression, found '}'.");
  EXPECT_EQ(expr_error("(1.0"), "line 3, column 1: Expected ')', found '}'.");
  EXPECT_EQ(expr_error("v[x]"), "19: Expected an integer, found 'x'.");
}

TEST(IrParse, LiteralsMustFitTheirType) {
  EXPECT_EQ(expr_error("1.5f32", "float32"), "");
  EXPECT_EQ(expr_error("128i8", "int8"), "17: '128i8' is not a literal of int8.");
  EXPECT_EQ(expr_error("-129i8", "int8"), "18: '129i8' is not a literal of int8.");
  EXPECT_EQ(expr_error("-1u8", "uint8"), "18: '1u8' is not a literal of uint8.");
  EXPECT_EQ(expr_error("9223372036854775808", "int64"), "17: '9223372036854775808' is not a literal of int64.");
  EXPECT_EQ(expr_error("1e999"), "17: '1e999' is not a literal of float64.");
  EXPECT_EQ(expr_error("1.5i8"), "17: '1.5i8' is not a literal of int8.");
  EXPECT_EQ(expr_error("12abc"), "17: '12abc' is not a literal of int64.");
  EXPECT_EQ(expr_error("float32_bits(0x100000000)"), "30: '0x100000000' is not a literal of float32.");
  EXPECT_EQ(expr_error("float64_bits(12)"), "30: '12' is not a literal of float64.");
}

TEST(IrParse, DeepNestingIsRefused) {
  const std::string open(100'000, '(');
  EXPECT_EQ(expr_error(open), "417: Expressions are nested more than 400 deep.");
  std::string sum = "1.0";
  for (int i = 0; i < 20'000; ++i) sum += " + 1.0";
  EXPECT_NE(expr_error(sum).find("An expression has more than 10000 levels."), std::string::npos);
  std::string loops = "kernel k(rank 1, strict, independent) {";
  for (int i = 0; i < 100'000; ++i) loops += "loop i0 step 1 {";
  EXPECT_NE(error_of(loops).find("'i0' cannot be a loop index here."), std::string::npos);
}

TEST(IrParse, DamagedTextsGiveErrorsOrKernels) {
  // Whatever the text is, nothing but a parse error comes out.
  for (std::uint64_t seed = 0; seed < testing::fuzz_rounds(300); ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    testing::Random random(seed);
    std::string text = to_string(testing::random_kernel(seed));
    for (std::int64_t edits = random.between(1, 4); edits > 0; --edits) {
      const std::size_t place = random.below(text.size());
      switch (random.below(3)) {
        case 0:
          text[place] = static_cast<char>(random.between(1, 126));
          break;
        case 1:
          text.erase(place, random.below(8));
          break;
        default:
          text.insert(place, text.substr(random.below(text.size()), random.below(8)));
          break;
      }
      if (text.empty()) text = " ";
    }
    try {
      const Kernel kernel = parse_kernel(text);
      EXPECT_EQ(parse_kernel(to_string(kernel)), kernel);
    } catch (const UserError& error) {
      EXPECT_EQ(error.code(), ErrorCode::parse_failed) << error.what();
    }
  }
}

}  // namespace
}  // namespace cppstencils::ir
