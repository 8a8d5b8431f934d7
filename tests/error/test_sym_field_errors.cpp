// The full text of every error that expressions and fields can give.

#include <limits>

#include <gtest/gtest.h>

#include "cppstencils/field/assignment.hpp"
#include "cppstencils/field/field.hpp"
#include "cppstencils/sym/calculus.hpp"
#include "cppstencils/sym/random.hpp"
#include "support/expect_error.hpp"

namespace cppstencils {
namespace {

using testing::expect_error;

constexpr std::int64_t max64 = std::numeric_limits<std::int64_t>::max();

class SymErrors : public ::testing::Test {
 protected:
  Symbol x_{"x"}, y_{"y"};
};

TEST_F(SymErrors, InvalidName) {
  expect_error<ExpressionError>(
      ErrorCode::invalid_name, [] { Symbol("2x"); },
      "error[invalid-name]: The symbol name '2x' is not an identifier.\n"
      "  hint: Use letters, digits and '_', and no digit first.\n");
  expect_error<ExpressionError>(
      ErrorCode::invalid_name, [] { Symbol(std::string(300, 'a')); },
      "error[invalid-name]: The symbol name 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ...' has 300 characters.\n"
      "  hint: Use at most 255.\n");
}

TEST_F(SymErrors, TooDeep) {
  expect_error<ExpressionError>(
      ErrorCode::expression_too_deep,
      [&] {
        Expr expr = x_;
        for (int i = 0; i < 1000; ++i) expr = sin(expr);
      },
      "error[expression-too-deep]: The expression is nested more than 1000 levels deep.\n"
      "  hint: Name a part of it as a sub-expression with AssignmentList::define().\n");
}

TEST_F(SymErrors, NumberOverflow) {
  const auto expect_overflow = [](auto&& action, const std::string& number) {
    expect_error<ExpressionError>(ErrorCode::number_overflow, action,
                                  "error[number-overflow]: The exact number " + number +
                                      " does not fit into 64 bits.\n"
                                      "  hint: Write one of the numbers as a floating-point number, such as 2.0.\n");
  };
  expect_overflow([] { Expr(max64) + 1; }, "9223372036854775807 + 1");
  expect_overflow([] { Expr(max64) * rational(-3, 2); }, "9223372036854775807*(-3/2)");
  expect_overflow([] { -Expr(std::numeric_limits<std::int64_t>::min()); }, "-(-9223372036854775808)");
  expect_overflow([] { pow(10, 30); }, "10**30");
  expect_overflow([] { pow(10, -30); }, "10**(-30)");
  expect_overflow([] { return Expr(std::numeric_limits<std::uint64_t>::max()); }, "18446744073709551615");
  expect_overflow([] { rational(1, std::numeric_limits<std::int64_t>::min()); }, "1/(-9223372036854775808)");
  expect_overflow([&] { expand(pow(pow(x_, max64), 2)); }, "9223372036854775807*2 of an exponent");
}

TEST_F(SymErrors, DivisionByExactZero) {
  const char* text =
      "error[invalid-expression]: An expression is divided by the exact number 0.\n"
      "  hint: Divide by something else, or by the floating-point number 0.0.\n";
  expect_error<ExpressionError>(
      ErrorCode::invalid_expression, [&] { x_ / 0; }, text);
  expect_error<ExpressionError>(
      ErrorCode::invalid_expression, [&] { pow(0, -2); }, text);
  expect_error<ExpressionError>(
      ErrorCode::invalid_expression,
      [&] {
        subs(1 / x_, {{x_, 0}});
      },
      text);
  expect_error<ExpressionError>(
      ErrorCode::invalid_expression, [] { rational(3, 0); },
      "error[invalid-expression]: The number 3/0 has a zero denominator.\n");
}

TEST_F(SymErrors, NumberOfArguments) {
  expect_error<ExpressionError>(
      ErrorCode::invalid_expression, [&] { call(Function::atan2, {x_}); },
      "error[invalid-expression]: The function 'atan2' takes 2 arguments, but 1 was given.\n");
  expect_error<ExpressionError>(
      ErrorCode::invalid_expression,
      [&] {
        call(Function::sin, {x_, y_});
      },
      "error[invalid-expression]: The function 'sin' takes 1 argument, but 2 were given.\n");
  expect_error<ExpressionError>(
      ErrorCode::invalid_expression, [] { call(Function::max, {}); },
      "error[invalid-expression]: The function 'max' takes 1 argument or more, but 0 were given.\n");
}

TEST_F(SymErrors, Coordinate) {
  expect_error<ExpressionError>(
      ErrorCode::field_rank, [] { coordinate(4); },
      "error[field-rank]: There is no coordinate 4.\n"
      "  hint: Dimensions are numbered from 0 to 3.\n");
}

TEST_F(SymErrors, Derivatives) {
  expect_error<ExpressionError>(
      ErrorCode::invalid_expression, [&] { diff(floor(2 * x_) + y_, x_); },
      "error[invalid-expression]: 'floor(2*x)' has no derivative with respect to 'x'.\n"
      "  hint: Truth values, floor, ceil and integers jump; treat them as constants with a symbol of their own.\n");
  expect_error<ExpressionError>(
      ErrorCode::invalid_expression, [&] { diff(x_, x_ + 1); },
      "error[invalid-expression]: 'x + 1' is no variable to differentiate by.\n"
      "  hint: Differentiate with respect to a symbol or a field access.\n");
}

TEST_F(SymErrors, EnormousExpansion) {
  expect_error<ExpressionError>(
      ErrorCode::invalid_expression,
      [&] {
        std::vector<Expr> terms;
        for (int i = 0; i < 4000; ++i) terms.push_back(Symbol("s" + std::to_string(i)));
        expand(sum(terms) * sum(terms));
      },
      "error[invalid-expression]: Multiplying out 4000 terms with 4000 terms takes too much time.\n"
      "  hint: Name parts of the expression by symbols, or leave it as it is.\n");
}

TEST(InternalErrors, FailedCheck) {
  expect_error<InternalError>(
      ErrorCode::internal, [] { detail::fail_check("a == b", "Both are equal.", "a.cpp", 7); },
      "error[internal]: Both are equal.\n"
      "  note: The check 'a == b' failed at a.cpp:7.\n"
      "  hint: This is a fault of cppstencils. Please report it with this text.\n");
}

TEST_F(SymErrors, RandomNumbersOfOtherTypes) {
  expect_error<TypeMismatch>(
      ErrorCode::unsupported_type, [] { Philox(DType::int32, 1); },
      "error[unsupported-type]: There are no random numbers of type int32.\n"
      "  hint: Choose float64, float32, or uint32 for raw bits.\n");
  expect_error<TypeMismatch>(
      ErrorCode::unsupported_type, [] { Philox(DType::uint32, 1).normal(0); },
      "error[unsupported-type]: There are no normally distributed numbers of type uint32.\n"
      "  hint: Choose float64 or float32.\n");
}

TEST_F(SymErrors, RandomNumbersWithConstantsOutOfRange) {
  expect_error<ExpressionError>(
      ErrorCode::invalid_expression, [] { Philox(DType::float64, std::int64_t{1} << 32); },
      "error[invalid-expression]: Random numbers cannot have the seed '4294967296'.\n"
      "  hint: Give an integer from 0 to 4294967295, or a symbol with an integer type.\n");
  expect_error<ExpressionError>(
      ErrorCode::invalid_expression, [] { Philox(DType::float64, 1).uniform(-1); },
      "error[invalid-expression]: Random numbers cannot have the counter '-1'.\n"
      "  hint: Give an integer from 0 to 4294967295, or a symbol with an integer type.\n");
  expect_error<ExpressionError>(
      ErrorCode::invalid_expression, [] { Philox(DType::float64, 1).uniform(0, 2.5); },
      "error[invalid-expression]: Random numbers cannot have the stream '2.5'.\n"
      "  hint: Give an integer from 0 to 4294967295, or a symbol with an integer type.\n");
  expect_error<ExpressionError>(
      ErrorCode::invalid_expression,
      [] {
        Philox(DType::float64, 1, {.offsets = {0, rational(1, 2)}});
      },
      "error[invalid-expression]: Random numbers cannot have the offset '1/2'.\n"
      "  hint: Give an integer from -9223372036854775808 to 9223372036854775807, or a symbol with an integer type.\n");
  expect_error<ExpressionError>(
      ErrorCode::invalid_expression, [] { Philox(DType::float64, 1, {.periods = {-8}}); },
      "error[invalid-expression]: Random numbers cannot have the period '-8'.\n"
      "  hint: Give an integer from 0 to 9223372036854775807, or a symbol with an integer type.\n");
  // Also where a symbol becomes a constant.
  const Expr number = Philox(DType::float64, 1).uniform(x_).front();
  expect_error<ExpressionError>(
      ErrorCode::invalid_expression,
      [&] {
        subs(number, {{x_, -3}});
      },
      "error[invalid-expression]: Random numbers cannot have the counter '-3'.\n"
      "  hint: Give an integer from 0 to 4294967295, or a symbol with an integer type.\n");
}

TEST_F(SymErrors, RandomNumbersOfManyDimensions) {
  expect_error<ExpressionError>(
      ErrorCode::invalid_expression,
      [] {
        Philox(DType::float64, 1, {.offsets = {1, 2, 3, 4}});
      },
      "error[invalid-expression]: Random numbers were given 4 offsets.\n"
      "  hint: Give at most 3, one per dimension.\n");
}

TEST_F(SymErrors, DerivativeByWhatRandomNumbersCount) {
  expect_error<ExpressionError>(
      ErrorCode::invalid_expression, [&] { diff(Philox(DType::float64, 1).uniform(x_).front(), x_); },
      "error[invalid-expression]: 'random_float64_0(x, 1, 0)' has no derivative with respect to 'x'.\n"
      "  hint: Truth values, floor, ceil and integers jump; treat them as constants with a symbol of their own.\n");
}

class FieldErrors : public ::testing::Test {
 protected:
  Field u_{"u", 2};
  Field f_{"f", 2, {.index_shape = {9}}};
  Field t_{"t", 1, {.index_shape = {3, 2}}};
};

TEST_F(FieldErrors, Declarations) {
  expect_error<FieldError>(
      ErrorCode::invalid_name, [] { Field("a b", 2); },
      "error[invalid-name]: The field name 'a b' is not an identifier.\n"
      "  hint: Use letters, digits and '_', and no digit first.\n");
  expect_error<FieldError>(
      ErrorCode::field_rank, [] { Field("u", 5); },
      "error[field-rank]: Field 'u' is declared with 5 spatial dimensions.\n"
      "  hint: Use 1 to 4 spatial dimensions; further ones are index dimensions.\n");
  expect_error<FieldError>(
      ErrorCode::field_rank, [] { Field("u", 3, {.index_shape = std::vector<std::int64_t>(14, 1)}); },
      "error[field-rank]: Field 'u' has 17 dimensions, but arrays have at most 16.\n");
  expect_error<FieldError>(
      ErrorCode::field_rank,
      [] {
        Field("u", 2, {.index_shape = {3, 0}});
      },
      "error[field-rank]: Field 'u' has an extent of 0 in its index shape [3,0].\n"
      "  hint: Extents are 1 or more.\n");
  expect_error<FieldError>(
      ErrorCode::field_rank, [] { Field("u", 2, {.shape = {{20}}}); },
      "error[field-rank]: Field 'u' has 2 spatial dimensions, but its shape has 1 extent.\n");
}

TEST_F(FieldErrors, Rank) {
  expect_error<FieldError>(
      ErrorCode::field_rank, [&] { u_(1, 0, 0); },
      "error[field-rank]: Field 'u' has 2 spatial dimensions but is accessed with 3 offsets.\n"
      "  hint: Give one offset per spatial dimension; an index follows in parentheses of its own.\n");
  expect_error<FieldError>(
      ErrorCode::field_rank, [&] { u_.neighbor(2, 1); },
      "error[field-rank]: Field 'u' has no dimension 2.\n"
      "  hint: Its dimensions are numbered from 0 to 1.\n");
}

TEST_F(FieldErrors, Index) {
  expect_error<FieldError>(
      ErrorCode::field_index, [&] { u_(0, 0)(1); },
      "error[field-index]: Field 'u' has 0 index dimensions but is accessed with 1 index value.\n"
      "  hint: Drop the index: 'u' is a scalar field.\n");
  expect_error<FieldError>(
      ErrorCode::field_index, [&] { t_(0)(1); },
      "error[field-index]: Field 't' has 2 index dimensions but is accessed with 1 index value.\n"
      "  hint: Give one value per index dimension of shape (3,2).\n");
  expect_error<FieldError>(
      ErrorCode::field_index, [&] { f_(0, 0)(9); },
      "error[field-index]: Index 9 of field 'f' is outside index dimension 0, which has 9 "
      "entries.\n"
      "  hint: Use an index from 0 to 8.\n");
  expect_error<FieldError>(
      ErrorCode::field_index, [&] { t_(1).expr(); },
      "error[field-index]: Field 't' has 2 index dimensions but is accessed without an index.\n"
      "  hint: Append the index, as in t(1)(0, 0).\n");
  expect_error<FieldError>(
      ErrorCode::field_index, [&] { u_(0, max64); },
      "error[field-index]: Field 'u' is accessed at offset 9223372036854775807.\n"
      "  hint: Offsets reach from -2147483647 to 2147483647.\n");
}

TEST_F(FieldErrors, LayoutOfOtherDimensions) {
  expect_error<FieldError>(
      ErrorCode::field_layout, [] { Layout("numpy"); },
      "error[field-layout]: There is no layout named 'numpy'.\n"
      "  hint: Use 'c', 'f', 'soa' (or 'fzyx'), 'aos' (or 'zyxf'), or an explicit order.\n");
  expect_error<FieldError>(
      ErrorCode::field_layout,
      [] {
        Field("u", 2, {.layout = Layout(std::vector<int>{0, 2})});
      },
      "error[field-layout]: The layout [0,2] does not order 2 spatial and 0 index dimensions.\n"
      "  hint: Name every dimension from 0 to 1 once, from the slowest to the fastest.\n");
}

TEST_F(FieldErrors, Description) {
  expect_error<FieldError>(
      ErrorCode::invalid_description, [] { fields("u, v: dubl[2D]"); },
      "error[invalid-description]: The field description cannot be read: 'dubl' is no type.\n"
      "  in description  u, v: dubl[2D]\n"
      "                        ^\n"
      "  hint: Write names, a type and a size, such as 'u, v: double[2D]', 'f(9): float[3D]' or "
      "'g: double[20,30]'.\n");
  expect_error<FieldError>(
      ErrorCode::invalid_description, [] { fields<3>("u, v"); },
      "error[invalid-description]: The field description 'u, v' declares 2 fields, but 3 are expected.\n"
      "  hint: Call fields<2>(), or declare 3 fields.\n");
}

TEST_F(FieldErrors, AssignmentTarget) {
  expect_error<ExpressionError>(
      ErrorCode::invalid_expression, [&] { assign(u_(0, 0) + 1, 2); },
      "error[invalid-expression]: 'u[0,0] + 1' cannot be assigned to.\n"
      "  hint: Assign to a field access, such as v(0, 0), or to a symbol.\n");
}

}  // namespace
}  // namespace cppstencils
