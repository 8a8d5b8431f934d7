#include <cmath>
#include <limits>
#include <sstream>

#include <gtest/gtest.h>

#include "cppstencils/support/error.hpp"
#include "read_expr.hpp"
#include "sym/to_string.hpp"

namespace cppstencils {
namespace {

using testing::ExprReader;
using testing::Random;
using testing::RandomExpr;

class ToString : public ::testing::Test {
 protected:
  Symbol a_{"a"}, b_{"b"}, c_{"c"}, x_{"x"}, y_{"y"}, h_{"h"};
  Field u_{"u", 2};
};

TEST_F(ToString, Leaves) {
  EXPECT_EQ(to_string(Expr()), "0");
  EXPECT_EQ(to_string(Expr(-7)), "-7");
  EXPECT_EQ(to_string(rational(-6, 8)), "-3/4");
  EXPECT_EQ(to_string(Expr(true)), "true");
  EXPECT_EQ(to_string(Expr(false)), "false");
  EXPECT_EQ(to_string(a_), "a");
  EXPECT_EQ(to_string(u_(1, 0)), "u[1,0]");
  EXPECT_EQ(to_string(coordinate(2)), "coordinate(2)");
  const Field tensor("t", 3, {.index_shape = {3, 3}});
  EXPECT_EQ(to_string(tensor(0, -1, 2)(1, 2)), "t[0,-1,2](1,2)");
}

TEST_F(ToString, FloatsLookLikeFloats) {
  EXPECT_EQ(to_string(Expr(2.0)), "2.0");
  EXPECT_EQ(to_string(Expr(-2.0)), "-2.0");
  EXPECT_EQ(to_string(Expr(-0.0)), "-0.0");
  EXPECT_EQ(to_string(Expr(0.1)), "0.1");
  EXPECT_EQ(to_string(Expr(1e300)), "1e+300");
  EXPECT_EQ(to_string(Expr(5e-324)), "5e-324");
  EXPECT_EQ(to_string(Expr(123456789.0)), "123456789.0");
  EXPECT_EQ(to_string(Expr(std::numeric_limits<double>::infinity())), "inf");
  EXPECT_EQ(to_string(Expr(-std::numeric_limits<double>::infinity())), "-inf");
  EXPECT_EQ(to_string(Expr(-std::numeric_limits<double>::quiet_NaN())), "nan");
}

TEST_F(ToString, Sums) {
  EXPECT_EQ(to_string((u_(1, 0) + u_(-1, 0) + u_(0, 1) + u_(0, -1)) / 4 + h_),
            "(u[1,0] + u[-1,0] + u[0,1] + u[0,-1])/4 + h");
  EXPECT_EQ(to_string(a_ + (b_ + c_)), "a + (b + c)");
  EXPECT_EQ(to_string(a_ - (b_ + c_)), "a - (b + c)");
  EXPECT_EQ(to_string(a_ - b_ * c_), "a - b*c");
  EXPECT_EQ(to_string(-a_ + b_), "-a + b");
  EXPECT_EQ(to_string(a_ - 3), "a - 3");
  EXPECT_EQ(to_string(a_ - 3 * b_), "a - 3*b");
  EXPECT_EQ(to_string(a_ - rational(3, 4) * b_), "a - 3/4*b");
  EXPECT_EQ(to_string(a_ - 2.0), "a - 2.0");
  EXPECT_EQ(to_string(a_ - 2.0 * b_), "a - 2.0*b");
  EXPECT_EQ(to_string(a_ + (-2.0) * b_), "a + (-2.0)*b");
}

TEST_F(ToString, Products) {
  EXPECT_EQ(to_string(a_ * b_ / c_), "a*b/c");
  EXPECT_EQ(to_string(a_ / (b_ * c_)), "a/(b*c)");
  EXPECT_EQ(to_string(a_ / b_ / c_), "a/b/c");
  EXPECT_EQ(to_string(a_ / (b_ / c_)), "a/(b/c)");
  EXPECT_EQ(to_string(a_ * (b_ * c_)), "a*(b*c)");
  EXPECT_EQ(to_string(a_ * (b_ / c_)), "a*(b/c)");
  EXPECT_EQ(to_string(-(a_ + b_) * c_), "-(a + b)*c");
  EXPECT_EQ(to_string(a_ * -3), "a*(-3)");
  EXPECT_EQ(to_string(a_ * -2.0), "a*(-2.0)");
  EXPECT_EQ(to_string(a_ * rational(3, 4)), "a*(3/4)");
  EXPECT_EQ(to_string(rational(3, 4) * a_), "3/4*a");
  EXPECT_EQ(to_string(3 / a_), "3/a");
  EXPECT_EQ(to_string(1 / a_), "1/a");
  EXPECT_EQ(to_string(-1 / a_ * b_), "-1/a*b");
  EXPECT_EQ(to_string(a_ / -4), "-a/4");
  EXPECT_EQ(to_string(a_ * 2 * 3), "a*2*3");
}

TEST_F(ToString, Powers) {
  EXPECT_EQ(to_string(pow(x_, 2)), "x**2");
  EXPECT_EQ(to_string(pow(x_, -2)), "1/x**2");
  EXPECT_EQ(to_string(pow(x_, -2) * y_), "1/x**2*y");
  EXPECT_EQ(to_string(y_ / pow(x_, 2)), "y/x**2");
  EXPECT_EQ(to_string(y_ / pow(x_, -2)), "y/(1/x**2)");
  EXPECT_EQ(to_string(pow(pow(x_, 2), -1)), "(x**2)**(-1)");
  EXPECT_EQ(to_string(pow(pow(x_, 2), 3)), "(x**2)**3");
  EXPECT_EQ(to_string(pow(x_, rational(1, 2))), "x**(1/2)");
  EXPECT_EQ(to_string(pow(x_, -y_)), "x**(-y)");
  EXPECT_EQ(to_string(pow(-2, x_)), "(-2)**x");
  EXPECT_EQ(to_string(pow(a_ + b_, 2) * c_), "(a + b)**2*c");
  EXPECT_EQ(to_string(-pow(x_, 2)), "-x**2");
  EXPECT_EQ(to_string(pow(-x_, 2)), "(-x)**2");
}

TEST_F(ToString, Truth) {
  EXPECT_EQ(to_string(a_ + b_ < c_), "a + b < c");
  EXPECT_EQ(to_string(equal_to(a_, b_)), "a == b");
  EXPECT_EQ(to_string(not_equal_to(a_, b_)), "a != b");
  EXPECT_EQ(to_string(a_ < b_ && b_ <= c_), "a < b and b <= c");
  EXPECT_EQ(to_string((a_ < b_ && b_ > c_) || a_ >= c_), "(a < b and b > c) or a >= c");
  EXPECT_EQ(to_string(!(a_ < b_)), "not (a < b)");
  EXPECT_EQ(to_string(!(a_ < b_) && x_), "not (a < b) and x");
  EXPECT_EQ(to_string(equal_to(a_ < b_, c_)), "(a < b) == c");
}

TEST_F(ToString, Functions) {
  EXPECT_EQ(to_string(select(a_ < 0, -a_, a_)), "select(a < 0, -a, a)");
  EXPECT_EQ(to_string(cast(DType::float32, x_ + 1)), "float32(x + 1)");
  EXPECT_EQ(to_string(atan2(y_, x_) + min(a_, 2)), "atan2(y, x) + min(a, 2)");
  std::ostringstream stream;
  stream << sqrt(x_);
  EXPECT_EQ(stream.str(), "sqrt(x)");
}

TEST_F(ToString, ReadsBackAsTheSameExpression) {
  for (std::uint64_t seed = 0; seed < testing::fuzz_rounds(3000); ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    RandomExpr make(random);
    Expr expr;
    try {
      expr = random.chance(70) ? make.number(1 + static_cast<int>(random.below(5))) : make.truth(3);
    } catch (const Error& error) {
      // Exact numbers overflow or divide by zero now and then.
      ASSERT_TRUE(error.code() == ErrorCode::number_overflow || error.code() == ErrorCode::invalid_expression);
      continue;
    }
    const std::string text = to_string(expr);
    const Expr again = ExprReader(text)();
    ASSERT_TRUE(again == expr) << text << "\n" << to_string(again);
  }
}

TEST_F(ToString, ShortTextIsFastForSharedNodes) {
  Expr expr = x_;
  // Written out, the text would be longer than any memory.
  for (int i = 0; i < 300; ++i) expr = sin(expr) * cos(expr);
  const std::string text = sym::short_text(expr, 40);
  EXPECT_EQ(text.size(), 40u);
  EXPECT_EQ(text.substr(0, 12), "sin(sin(sin(");
  EXPECT_EQ(text.substr(36), " ...");
  EXPECT_EQ(sym::short_text(sin(x_), 40), "sin(x)");
}

}  // namespace
}  // namespace cppstencils
