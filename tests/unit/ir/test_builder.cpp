#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cppstencils/support/error.hpp"
#include "ir/builder.hpp"
#include "ir/typing.hpp"

namespace cppstencils::ir {
namespace {

constexpr DType all_types[] = {DType::boolean, DType::int8,    DType::int16,  DType::int32,
                               DType::int64,   DType::uint8,   DType::uint16, DType::uint32,
                               DType::uint64,  DType::float32, DType::float64};

Expr x(DType type) { return variable(VarId{0}, type); }

/// The message of the InternalError that `build` throws; empty if it throws none.
template <class Build>
std::string message_of(const Build& build) {
  try {
    build();
  } catch (const InternalError& error) {
    return error.message();
  }
  return {};
}

TEST(IrBuilder, LiteralsHaveTheBitsOfTheirType) {
  EXPECT_EQ(constant_bits(float_constant(DType::float64, 1.0)), 0x3ff0000000000000U);
  EXPECT_EQ(constant_bits(float_constant(DType::float32, -0.0)), 0x80000000U);
  EXPECT_EQ(constant_bits(float_constant(DType::float32, 0.1)), 0x3dcccccdU);
  EXPECT_EQ(constant_bits(int_constant(DType::int8, -1)), 0xffU);
  EXPECT_EQ(constant_bits(int_constant(DType::int64, -1)), ~std::uint64_t{0});
  EXPECT_EQ(constant_bits(int_constant(DType::uint16, 65535)), 0xffffU);
  EXPECT_EQ(constant_bits(uint64_constant(~std::uint64_t{0})), ~std::uint64_t{0});
  EXPECT_EQ(constant_bits(bool_constant(true)), 1U);
  EXPECT_EQ(constant_bits(x(DType::int64)), std::nullopt);
  EXPECT_TRUE(is_constant(index_constant(3)));
  EXPECT_FALSE(is_constant(loop_index(0)));
}

TEST(IrBuilder, BitsAndValuesConvertBothWays) {
  for (const std::int64_t value : {-128, -1, 0, 127}) {
    EXPECT_EQ(int_value(DType::int8, bits_of_int(DType::int8, value)), value);
  }
  const std::int64_t smallest = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(int_value(DType::int64, bits_of_int(DType::int64, smallest)), smallest);
  EXPECT_EQ(int_value(DType::uint8, 200), 200);
  EXPECT_EQ(float_value(DType::float32, bits_of_float(DType::float32, 0.1)), static_cast<double>(0.1F));
  EXPECT_TRUE(std::isnan(float_value(DType::float64, bits_of_float(DType::float64, std::nan("")))));
}

TEST(IrBuilder, LiteralsOutsideTheRangeAreRefused) {
  EXPECT_EQ(message_of([] { int_constant(DType::int8, 128); }), "The literal 128 is outside the range of int8.");
  EXPECT_EQ(message_of([] { int_constant(DType::uint8, -1); }), "The literal -1 is outside the range of uint8.");
  EXPECT_EQ(message_of([] { int_constant(DType::uint64, -1); }), "The literal -1 is outside the range of uint64.");
  EXPECT_EQ(message_of([] { constant_from_bits(DType::boolean, 2); }), "A literal of bool has more than 1 bits.");
  EXPECT_EQ(message_of([] { constant_from_bits(DType::float32, std::uint64_t{1} << 32); }),
            "A literal of float32 has more than 32 bits.");
  EXPECT_THROW(int_constant(DType::float64, 1), InternalError);
  EXPECT_THROW(float_constant(DType::int64, 1), InternalError);
}

TEST(IrBuilder, BothTypesAreNamed) {
  EXPECT_EQ(message_of([] { binary(BinaryOp::add, x(DType::float64), x(DType::int32)); }),
            "add has operands of float64 and int32.");
  EXPECT_EQ(message_of([] { compare(CompareOp::less, x(DType::float64), x(DType::float32)); }),
            "less has operands of float64 and float32.");
  EXPECT_EQ(message_of([] { select(x(DType::boolean), x(DType::int8), x(DType::uint8)); }),
            "select has operands of int8 and uint8.");
  EXPECT_EQ(message_of([] {
              call(MathFunction::pow, {x(DType::float64), x(DType::float32)});
            }),
            "pow has operands of float64 and float32.");
  EXPECT_EQ(message_of([] { fused_multiply_add(x(DType::float64), x(DType::float64), x(DType::float32)); }),
            "fused_multiply_add has operands of float64 and float32.");
}

TEST(IrBuilder, OperatorsTakeTheTypesThatTheyAreFor) {
  for (const DType type : all_types) {
    SCOPED_TRACE(cppstencils::to_string(type));
    const auto fits = [&](const auto& build) { return message_of(build).empty(); };
    const Expr a = x(type);
    for (const UnaryOp op : {UnaryOp::negate, UnaryOp::absolute}) {
      EXPECT_EQ(fits([&] { unary(op, a); }), is_numeric(type));
    }
    for (const UnaryOp op : {UnaryOp::square_root, UnaryOp::floor, UnaryOp::ceil}) {
      EXPECT_EQ(fits([&] { unary(op, a); }), is_float(type));
    }
    EXPECT_EQ(fits([&] { unary(UnaryOp::logical_not, a); }), type == DType::boolean);
    for (const BinaryOp op : {BinaryOp::add, BinaryOp::subtract, BinaryOp::multiply, BinaryOp::divide,
                              BinaryOp::minimum, BinaryOp::maximum}) {
      EXPECT_EQ(fits([&] { binary(op, a, a); }), is_numeric(type));
    }
    for (const BinaryOp op : {BinaryOp::logical_and, BinaryOp::logical_or}) {
      EXPECT_EQ(fits([&] { binary(op, a, a); }), type == DType::boolean);
    }
    for (const BinaryOp op : {BinaryOp::bit_and, BinaryOp::bit_xor}) {
      EXPECT_EQ(fits([&] { binary(op, a, a); }), is_integer(type));
    }
    EXPECT_TRUE(fits([&] { compare(CompareOp::equal, a, a); }));
    EXPECT_TRUE(fits([&] { compare(CompareOp::not_equal, a, a); }));
    EXPECT_EQ(fits([&] { compare(CompareOp::less, a, a); }), is_numeric(type));
    EXPECT_EQ(fits([&] { compare(CompareOp::less_equal, a, a); }), is_numeric(type));
    EXPECT_EQ(fits([&] { fused_multiply_add(a, a, a); }), is_float(type));
    EXPECT_EQ(fits([&] { call(MathFunction::exp, {a}); }), is_float(type));
    EXPECT_EQ(fits([&] { call(MathFunction::atan2, {a, a}); }), is_float(type));
    EXPECT_EQ(fits([&] { select(a, a, a); }), type == DType::boolean);
    EXPECT_EQ(fits([&] { element_load(BufferId{0}, type, a); }), type == DType::int64);
  }
}

TEST(IrBuilder, ResultsHaveTheRightType) {
  const Expr f = x(DType::float32);
  EXPECT_EQ(binary(BinaryOp::add, f, f).type(), DType::float32);
  EXPECT_EQ(compare(CompareOp::less, f, f).type(), DType::boolean);
  EXPECT_EQ(select(bool_constant(true), f, f).type(), DType::float32);
  EXPECT_EQ(call(MathFunction::sin, {f}).type(), DType::float32);
  EXPECT_EQ(loop_index(0).type(), DType::int64);
  EXPECT_EQ(stride(BufferId{0}, 0).type(), DType::int64);
}

TEST(IrBuilder, CallsNeedTheRightNumberOfOperands) {
  const Expr f = x(DType::float32);
  EXPECT_EQ(message_of([&] { call(MathFunction::pow, {f}); }), "pow takes 2 operands, not 1.");
  EXPECT_EQ(message_of([&] { call(MathFunction::sin, {f, f}); }), "sin takes 1 operands, not 2.");
  EXPECT_THROW(call(MathFunction::sin, {}), InternalError);
}

TEST(IrBuilder, ReinterpretKeepsTheSizeAndChangesTheKind) {
  const Expr f = float_constant(DType::float32, 1.0);
  EXPECT_TRUE(reinterpret(DType::float32, f).same_node(f));
  for (const DType type : {DType::int32, DType::uint32}) {
    EXPECT_EQ(reinterpret(type, f).type(), type);
    EXPECT_EQ(reinterpret(DType::float32, int_constant(type, 1)).type(), DType::float32);
  }
  EXPECT_THROW(reinterpret(DType::int64, f), InternalError);
  EXPECT_THROW(reinterpret(DType::float64, f), InternalError);
  EXPECT_THROW(reinterpret(DType::int64, uint64_constant(1)), InternalError);
  EXPECT_THROW(reinterpret(DType::float32, bool_constant(true)), InternalError);
  EXPECT_THROW(reinterpret(DType::boolean, int_constant(DType::int8, 1)), InternalError);
}

TEST(IrBuilder, CastToTheSameTypeIsTheOperand) {
  const Expr f = x(DType::float32);
  EXPECT_TRUE(cast(DType::float32, f).same_node(f));
  EXPECT_EQ(cast(DType::int8, f).type(), DType::int8);
  EXPECT_NE(get_if<Cast>(cast(DType::int8, f)), nullptr);
}

TEST(IrBuilder, DimensionsAndAxesAreNotNegative) {
  EXPECT_THROW(loop_index(-1), InternalError);
  EXPECT_THROW(stride(BufferId{0}, -1), InternalError);
}

TEST(IrTyping, ResultTypesAreChecked) {
  // What no builder makes, the verifier must still see.
  EXPECT_EQ(typing_fault(LoopIndex{0}, DType::int32), "A loop index gives int64 and its node has int32.");
  EXPECT_EQ(typing_fault(Unary{UnaryOp::negate, x(DType::int8)}, DType::int16),
            "negate gives int8 and its node has int16.");
  EXPECT_EQ(typing_fault(Call{MathFunction::sin, {}}, DType::float64), "sin takes 1 operands, not 0.");
}

}  // namespace
}  // namespace cppstencils::ir
