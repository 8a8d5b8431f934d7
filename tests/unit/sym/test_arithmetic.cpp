#include <limits>

#include <gtest/gtest.h>

#include "cppstencils/support/error.hpp"
#include "random_expr.hpp"

namespace cppstencils {
namespace {

using testing::Random;
using testing::RandomExpr;

constexpr std::int64_t max64 = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t min64 = std::numeric_limits<std::int64_t>::min();

class Arithmetic : public ::testing::Test {
 protected:
  static Expr sum_of(std::vector<Expr> terms) { return Expr(sym::Node{sym::Sum{std::move(terms)}}); }
  static Expr product_of(std::vector<Expr> factors) { return Expr(sym::Node{sym::Product{std::move(factors)}}); }
  static Expr power_of(const Expr& base, const Expr& exponent) { return Expr(sym::Node{sym::Power{base, exponent}}); }

  const Expr a_ = Symbol("a");
  const Expr b_ = Symbol("b");
  const Expr c_ = Symbol("c");
};

TEST_F(Arithmetic, SumsAreFlattenedOnTheLeft) {
  EXPECT_EQ(a_ + b_ + c_, sum_of({a_, b_, c_}));
  EXPECT_EQ(a_ + (b_ + c_), sum_of({a_, sum_of({b_, c_})}));
  EXPECT_EQ((a_ + b_) + (c_ + a_), sum_of({a_, b_, sum_of({c_, a_})}));
  EXPECT_EQ(a_ - b_, sum_of({a_, product_of({-1, b_})}));
  EXPECT_EQ(a_ - b_ * c_, sum_of({a_, product_of({-1, b_, c_})}));
  EXPECT_EQ(a_ - (b_ + c_), sum_of({a_, product_of({-1, sum_of({b_, c_})})}));
  EXPECT_EQ(a_ - -b_, a_ + b_);
}

TEST_F(Arithmetic, ProductsAreFlattenedOnTheLeft) {
  EXPECT_EQ(a_ * b_ * c_, product_of({a_, b_, c_}));
  EXPECT_EQ(a_ * (b_ * c_), product_of({a_, product_of({b_, c_})}));
  EXPECT_EQ(a_ * 2 * 3, product_of({a_, 2, 3}));
  EXPECT_EQ(2 * a_ * 3, product_of({2, a_, 3}));
}

TEST_F(Arithmetic, SignsMoveToTheFront) {
  EXPECT_EQ(-a_, product_of({-1, a_}));
  EXPECT_EQ(-(-a_), a_);
  EXPECT_EQ(-(a_ * b_), product_of({-1, a_, b_}));
  EXPECT_EQ(-(3 * a_), product_of({-3, a_}));
  EXPECT_EQ(-(-3 * a_), product_of({3, a_}));
  EXPECT_EQ(-(rational(1, 4) * a_), product_of({rational(-1, 4), a_}));
  EXPECT_EQ(-(2.0 * a_), product_of({-1, 2.0, a_}));
  EXPECT_EQ(a_ * -b_, product_of({-1, a_, b_}));
  EXPECT_EQ(a_ * -(b_ * c_), product_of({-1, a_, product_of({b_, c_})}));
  EXPECT_EQ(-a_ * -b_, product_of({a_, b_}));
  EXPECT_EQ(3 * -a_, product_of({-3, a_}));
  EXPECT_EQ(a_ * -1, -a_);
  EXPECT_EQ(-1 * (a_ * b_), -(a_ * b_));
  EXPECT_EQ(a_ * -3, product_of({a_, -3}));
  EXPECT_EQ(a_ / -b_, product_of({-1, a_, power_of(b_, -1)}));
}

TEST_F(Arithmetic, Quotients) {
  EXPECT_EQ(a_ / b_, product_of({a_, power_of(b_, -1)}));
  EXPECT_EQ(1 / b_, power_of(b_, -1));
  EXPECT_EQ(a_ / 4, product_of({a_, rational(1, 4)}));
  EXPECT_EQ(a_ / rational(3, 4), product_of({a_, rational(4, 3)}));
  EXPECT_EQ(a_ / -4, product_of({-1, a_, rational(1, 4)}));
  EXPECT_EQ(a_ / pow(b_, 2), product_of({a_, power_of(b_, -2)}));
  EXPECT_EQ(a_ / (1 / b_), product_of({a_, power_of(power_of(b_, -1), -1)}));
  EXPECT_EQ(a_ / 1, a_);
  EXPECT_EQ(0 / a_, Expr(0));
  EXPECT_THROW(a_ / 0, ExpressionError);
  EXPECT_THROW(Expr(0) / 0, ExpressionError);
  EXPECT_NO_THROW(a_ / 0.0);
}

TEST_F(Arithmetic, NeutralNumbersVanish) {
  EXPECT_TRUE((a_ + 0).same_node(a_));
  EXPECT_TRUE((0 + a_).same_node(a_));
  EXPECT_TRUE((a_ - 0).same_node(a_));
  EXPECT_EQ(0 - a_, -a_);
  EXPECT_TRUE((a_ * 1).same_node(a_));
  EXPECT_TRUE((1 * a_).same_node(a_));
  EXPECT_EQ(a_ * 0, Expr(0));
  EXPECT_EQ(0 * a_, Expr(0));
  EXPECT_EQ(a_ * b_ * 0, Expr(0));
  // Floating-point numbers do not vanish.
  EXPECT_EQ(a_ + 0.0, sum_of({a_, 0.0}));
  EXPECT_EQ(a_ * 1.0, product_of({a_, 1.0}));
}

TEST_F(Arithmetic, ExactNumbersCombine) {
  EXPECT_EQ(Expr(2) + 3, Expr(5));
  EXPECT_EQ(Expr(2) - 3, Expr(-1));
  EXPECT_EQ(rational(1, 3) + rational(1, 6), rational(1, 2));
  EXPECT_EQ(rational(2, 3) * rational(3, 4), rational(1, 2));
  EXPECT_EQ(Expr(6) / 4, rational(3, 2));
  EXPECT_EQ(rational(3, -6), rational(-1, 2));
  EXPECT_EQ(1 + (Expr(2) + a_), sum_of({1, sum_of({2, a_})}));
  EXPECT_EQ(Expr(1) + 2 + a_, sum_of({3, a_}));
  EXPECT_EQ(a_ + 1 + 2, sum_of({a_, 1, 2}));
  EXPECT_EQ(Expr(2.0) + 3.0, sum_of({2.0, 3.0}));
}

TEST_F(Arithmetic, Powers) {
  EXPECT_TRUE(pow(a_, 1).same_node(a_));
  EXPECT_EQ(pow(a_, 0), Expr(1));
  EXPECT_EQ(pow(a_, 2), power_of(a_, 2));
  EXPECT_EQ(pow(a_, b_), power_of(a_, b_));
  EXPECT_EQ(pow(2, 10), Expr(1024));
  EXPECT_EQ(pow(2, -2), rational(1, 4));
  EXPECT_EQ(pow(rational(-2, 3), 3), rational(-8, 27));
  EXPECT_EQ(pow(0, 0), Expr(1));
  EXPECT_EQ(pow(0, 3), Expr(0));
  EXPECT_EQ(pow(-1, max64), Expr(-1));
  EXPECT_EQ(pow(1, a_), Expr(1));
  EXPECT_EQ(pow(-2, 63), Expr(min64));
  EXPECT_EQ(pow(2, -62), rational(1, std::int64_t{1} << 62));
  EXPECT_EQ(pow(4, rational(1, 2)), power_of(4, rational(1, 2)));
  EXPECT_THROW(pow(0, -1), ExpressionError);
}

TEST_F(Arithmetic, OverflowIsAnError) {
  const auto overflows = [](auto&& action) {
    try {
      action();
    } catch (const ExpressionError& error) {
      return error.code() == ErrorCode::number_overflow;
    }
    return false;
  };
  EXPECT_TRUE(overflows([] { return Expr(max64) + 1; }));
  EXPECT_TRUE(overflows([] { return Expr(min64) - 1; }));
  EXPECT_TRUE(overflows([] { return Expr(max64) * 2; }));
  EXPECT_TRUE(overflows([] { return -Expr(min64); }));
  EXPECT_TRUE(overflows([] { return 1 / Expr(min64); }));
  EXPECT_TRUE(overflows([] { return pow(2, 63); }));
  EXPECT_TRUE(overflows([] { return pow(2, -63); }));
  EXPECT_TRUE(overflows([] { return pow(10, min64); }));
  EXPECT_TRUE(overflows([] { return rational(1, max64) + rational(1, max64 - 1); }));
  EXPECT_TRUE(overflows([] { return rational(3, min64); }));
  EXPECT_TRUE(overflows([] { return Expr(std::uint64_t{1} << 63); }));
  EXPECT_TRUE(overflows([] { return abs(Expr(min64)); }));
  // Close to the border, and with large intermediate values.
  EXPECT_EQ(Expr(max64) - max64, Expr(0));
  EXPECT_EQ(Expr(max64) * rational(1, max64), Expr(1));
  EXPECT_EQ(rational(min64, min64), Expr(1));
  EXPECT_EQ(rational(max64, 2) + rational(max64, 2), Expr(max64));
  EXPECT_EQ(Expr(min64) + max64, Expr(-1));
  EXPECT_EQ(rational(min64, 2), Expr(min64 / 2));
  EXPECT_EQ(floor(Expr(min64)), Expr(min64));
  EXPECT_EQ(ceil(Expr(min64)), Expr(min64));
}

TEST_F(Arithmetic, ListsAreWhatTheOperatorsGive) {
  EXPECT_EQ(sum({}), Expr(0));
  EXPECT_EQ(product({}), Expr(1));
  for (std::uint64_t seed = 0; seed < testing::fuzz_rounds(2000); ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    RandomExpr make(random);
    std::vector<Expr> operands;
    Expr total = 0;
    Expr all = 1;
    try {
      for (std::size_t i = 0; i < 1 + random.below(6); ++i) {
        Expr operand = make.rational_function(static_cast<int>(random.below(3)));
        if (random.chance(30)) operand = -operand;
        operands.push_back(operand);
        total = total + operand;
        all = all * operand;
      }
    } catch (const ExpressionError& error) {
      ASSERT_EQ(error.code(), ErrorCode::number_overflow);
      continue;
    }
    ASSERT_EQ(sum(operands), total);
    ASSERT_EQ(product(operands), all);
  }
}

}  // namespace
}  // namespace cppstencils
