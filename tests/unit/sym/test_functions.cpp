#include <gtest/gtest.h>

#include "cppstencils/support/error.hpp"
#include "cppstencils/sym/expr.hpp"

namespace cppstencils {
namespace {

class Functions : public ::testing::Test {
 protected:
  const Expr a_ = Symbol("a");
  const Expr b_ = Symbol("b");
  const Expr c_ = Symbol("c");
};

TEST_F(Functions, ExactArgumentsFoldWhereTheResultIsExact) {
  EXPECT_EQ(abs(-3), Expr(3));
  EXPECT_EQ(abs(rational(3, 4)), rational(3, 4));
  EXPECT_EQ(min(1, 2), Expr(1));
  EXPECT_EQ(max(rational(1, 3), rational(1, 4)), rational(1, 3));
  EXPECT_EQ(floor(rational(-1, 2)), Expr(-1));
  EXPECT_EQ(floor(rational(5, 2)), Expr(2));
  EXPECT_EQ(ceil(rational(-1, 2)), Expr(0));
  EXPECT_EQ(ceil(rational(5, 2)), Expr(3));
  EXPECT_EQ(ceil(-2), Expr(-2));
  EXPECT_NE(get_if<sym::Call>(exp(0)), nullptr);
  EXPECT_NE(get_if<sym::Call>(abs(-3.0)), nullptr);
  EXPECT_NE(get_if<sym::Call>(min(1, 2.0)), nullptr);
}

TEST_F(Functions, EveryFunctionHasItsEnumerator) {
  const std::pair<Expr, Function> calls[] = {
      {sqrt(a_), Function::sqrt},       {exp(a_), Function::exp},     {log(a_), Function::log},
      {sin(a_), Function::sin},         {cos(a_), Function::cos},     {tan(a_), Function::tan},
      {sinh(a_), Function::sinh},       {cosh(a_), Function::cosh},   {tanh(a_), Function::tanh},
      {asin(a_), Function::asin},       {acos(a_), Function::acos},   {atan(a_), Function::atan},
      {atan2(a_, b_), Function::atan2}, {abs(a_), Function::abs},     {floor(a_), Function::floor},
      {ceil(a_), Function::ceil},       {min(a_, b_), Function::min}, {max(a_, b_), Function::max},
  };
  EXPECT_EQ(std::size(calls), static_cast<std::size_t>(Function::max) + 1);
  for (const auto& [expr, function] : calls) {
    const auto* call = get_if<sym::Call>(expr);
    ASSERT_NE(call, nullptr);
    EXPECT_EQ(call->function, function);
    EXPECT_EQ(call->arguments[0], a_);
    EXPECT_EQ(expr, cppstencils::call(function, call->arguments));
  }
  EXPECT_EQ(get_if<sym::Call>(atan2(a_, b_))->arguments[1], b_);
}

TEST_F(Functions, NumberOfArguments) {
  EXPECT_THROW(call(Function::sin, {}), ExpressionError);
  EXPECT_THROW(call(Function::sin, {a_, b_}), ExpressionError);
  EXPECT_THROW(call(Function::atan2, {a_}), ExpressionError);
  EXPECT_THROW(call(Function::min, {}), ExpressionError);
  EXPECT_TRUE(call(Function::min, {a_}).same_node(a_));
  EXPECT_EQ(get_if<sym::Call>(call(Function::max, {a_, b_, c_}))->arguments.size(), 3u);
  EXPECT_EQ(call(Function::max, {1, 3, 2}), Expr(3));
}

TEST_F(Functions, RelationsOfExactNumbersFold) {
  EXPECT_EQ(Expr(1) < 2, Expr(true));
  EXPECT_EQ(Expr(2) < 2, Expr(false));
  EXPECT_EQ(Expr(2) <= 2, Expr(true));
  EXPECT_EQ(Expr(1) > rational(1, 2), Expr(true));
  EXPECT_EQ(Expr(1) >= 2, Expr(false));
  EXPECT_EQ(equal_to(rational(2, 4), rational(1, 2)), Expr(true));
  EXPECT_EQ(not_equal_to(1, 1), Expr(false));
  EXPECT_NE(get_if<sym::Comparison>(Expr(1.0) < 2), nullptr);
  const Expr comparison = a_ >= b_;
  EXPECT_EQ(get_if<sym::Comparison>(comparison)->relation, Relation::greater_equal);
  EXPECT_EQ(get_if<sym::Comparison>(comparison)->left, a_);
}

TEST_F(Functions, ConnectivesOfTruthValuesFold) {
  const Expr p = a_ < b_;
  const Expr q = b_ < c_;
  EXPECT_EQ(!Expr(true), Expr(false));
  EXPECT_TRUE((!!p).same_node(p));
  EXPECT_TRUE((p && true).same_node(p));
  EXPECT_TRUE((true && p).same_node(p));
  EXPECT_EQ(p && false, Expr(false));
  EXPECT_EQ(false && p, Expr(false));
  EXPECT_TRUE((p || false).same_node(p));
  EXPECT_EQ(p || true, Expr(true));
  EXPECT_EQ(Expr(true) || p, Expr(true));
  EXPECT_EQ(get_if<sym::Logical>(p && q && p)->arguments.size(), 3u);
  EXPECT_EQ(get_if<sym::Logical>(p && (q && p))->arguments.size(), 2u);
  EXPECT_EQ(get_if<sym::Logical>(p || q)->connective, Connective::logical_or);
}

TEST_F(Functions, SelectOfATruthValueFolds) {
  EXPECT_TRUE(select(true, a_, b_).same_node(a_));
  EXPECT_TRUE(select(Expr(2) < 1, a_, b_).same_node(b_));
  EXPECT_NE(get_if<sym::Select>(select(a_ < b_, a_, a_)), nullptr);
}

TEST_F(Functions, Coordinates) {
  EXPECT_EQ(get_if<sym::Coordinate>(coordinate(3))->dimension, 3);
  EXPECT_THROW(coordinate(4), ExpressionError);
  EXPECT_THROW(coordinate(-1), ExpressionError);
}

}  // namespace
}  // namespace cppstencils
