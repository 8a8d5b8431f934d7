#include <cmath>

#include <gtest/gtest.h>

#include "cppstencils/support/error.hpp"
#include "cppstencils/sym/calculus.hpp"
#include "evaluate.hpp"
#include "random_expr.hpp"

namespace cppstencils {
namespace {

using testing::evaluate;
using testing::Random;
using testing::RandomExpr;
using testing::Values;

// Positive values for every symbol and access of an expression.
Values random_values(const Expr& expr, Random& random) {
  Values values;
  for (const Expr& symbol : free_symbols(expr)) values[to_string(symbol)] = 0.5 + random.fraction();
  for (const Expr& access : field_accesses(expr)) values[to_string(access)] = 0.5 + random.fraction();
  return values;
}

// Random exact numbers overflow now and then; such a round says nothing.
template <class Make>
std::optional<Expr> try_make(Make&& make) {
  try {
    return make();
  } catch (const ExpressionError& error) {
    if (error.code() == ErrorCode::number_overflow) return std::nullopt;
    throw;
  }
}

class Diff : public ::testing::Test {
 protected:
  static std::string text(const Expr& expr) { return to_string(expr); }
  Symbol x_{"x"}, y_{"y"};
  Field u_{"u", 2};
};

TEST_F(Diff, Rules) {
  EXPECT_EQ(text(diff(3, x_)), "0");
  EXPECT_EQ(text(diff(x_, x_)), "1");
  EXPECT_EQ(text(diff(y_, x_)), "0");
  EXPECT_EQ(text(diff(x_ * x_, x_)), "x + x");
  EXPECT_EQ(text(diff(pow(x_, 3), x_)), "3*x**2");
  EXPECT_EQ(text(diff(1 / x_, x_)), "-1/x**2");
  EXPECT_EQ(text(diff(y_ * x_ + y_, x_)), "y");
  EXPECT_EQ(text(diff(x_ / 4 - y_, x_)), "1/4");
  EXPECT_EQ(text(diff(exp(2 * x_), x_)), "exp(2*x)*2");
  EXPECT_EQ(text(diff(sin(x_) + cos(x_), x_)), "cos(x) - sin(x)");
  EXPECT_EQ(text(diff(log(x_), x_)), "1/x");
  EXPECT_EQ(text(diff(sqrt(x_), x_)), "1/(2*sqrt(x))");
  EXPECT_EQ(text(diff(pow(x_, y_), y_)), "x**y*log(x)");
  EXPECT_EQ(text(diff(pow(x_, y_), x_)), "y*x**(y - 1)");
  EXPECT_EQ(text(diff(abs(x_), x_)), "select(x < 0, -1, 1)");
  EXPECT_EQ(text(diff(min(x_, y_), x_)), "select(x < y, 1, 0)");
  EXPECT_EQ(text(diff(max(x_, y_), y_)), "select(x > y, 0, 1)");
  EXPECT_EQ(text(diff(select(x_ < y_, x_ * 2, 7), x_)), "select(x < y, 2, 0)");
  EXPECT_EQ(text(diff(select(x_ < y_, x_, x_ + 1), x_)), "1");
  EXPECT_EQ(text(diff(cast(DType::float32, x_ * y_), x_)), "float32(y)");
  EXPECT_EQ(text(diff(cast(DType::float32, x_), x_)), "1");
  EXPECT_EQ(text(diff(atan2(y_, x_), x_)), "-y/(y**2 + x**2)");
}

TEST_F(Diff, AccessesAreVariables) {
  EXPECT_EQ(text(diff(u_(1, 0) * u_(1, 0) + u_(0, 0), u_(1, 0))), "u[1,0] + u[1,0]");
  EXPECT_EQ(text(diff(sin(u_(0, 0)), u_(1, 0))), "0");
}

TEST_F(Diff, NoDerivative) {
  for (const Expr& expr : {floor(x_), ceil(2 * x_), x_ < y_, x_ < y_ && y_ < 1, cast(DType::int32, x_),
                           select(y_ < 1, floor(x_), x_), sin(floor(x_)), x_ + (x_ < y_)}) {
    EXPECT_THROW(diff(expr, x_), ExpressionError) << expr;
  }
  EXPECT_EQ(text(diff(floor(y_) * x_, x_)), "floor(y)");
  EXPECT_EQ(text(diff(select(floor(x_) < y_, x_, 0), x_)), "select(floor(x) < y, 1, 0)");
  EXPECT_EQ(text(diff(cast(DType::int32, y_) + x_, x_)), "1");
  EXPECT_THROW(diff(x_, x_ + y_), ExpressionError);
  EXPECT_THROW(diff(x_, 1), ExpressionError);
}

TEST_F(Diff, Kinks) {
  const Expr expr = abs(x_ - 1) * x_ + min(x_ * x_, x_ * y_) - call(Function::max, {x_, y_, 2 * x_ - 1});
  const Expr derivative = diff(expr, x_);
  for (const long double x : {0.3L, 0.8L, 1.7L, 2.6L}) {
    for (const long double y : {0.5L, 1.2L, 4.0L}) {
      const Values values{{"x", x}, {"y", y}};
      const long double abs_part = x < 1 ? 1 - 2 * x : 2 * x - 1;
      const long double min_part = x * x < x * y ? 2 * x : y;
      const long double max_part = std::max(x, y) > 2 * x - 1 ? (x > y ? 1 : 0) : 2;
      EXPECT_NEAR(static_cast<double>(evaluate(derivative, values)),
                  static_cast<double>(abs_part + min_part - max_part), 1e-12)
          << derivative;
    }
  }
}

TEST_F(Diff, AgreesWithFiniteDifferences) {
  int compared = 0;
  for (std::uint64_t seed = 0; seed < testing::fuzz_rounds(1500); ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    RandomExpr make(random);
    const auto expr = try_make([&] { return make.smooth(1 + static_cast<int>(random.below(4))); });
    if (!expr) continue;
    std::vector<Expr> variables = free_symbols(*expr);
    for (const Expr& access : field_accesses(*expr)) variables.push_back(access);
    if (variables.empty()) continue;
    const Expr variable = random.pick(variables);
    const auto derivative = try_make([&] { return diff(*expr, variable); });
    if (!derivative) continue;
    Values values = random_values(*expr, random);
    const long double at = values[to_string(variable)];
    const long double step = 1e-4L;
    const auto value_at = [&](long double x) {
      values[to_string(variable)] = x;
      return evaluate(*expr, values);
    };
    // Fourth order: the error is step^4 times the fifth derivative.
    const long double expected =
        (8 * (value_at(at + step) - value_at(at - step)) - (value_at(at + 2 * step) - value_at(at - 2 * step))) /
        (12 * step);
    values[to_string(variable)] = at;
    const long double scale = 1 + std::fabs(expected) + std::fabs(evaluate(*expr, values));
    ASSERT_NEAR(static_cast<double>(evaluate(*derivative, values) / scale), static_cast<double>(expected / scale), 1e-8)
        << *expr << "\nby " << variable << "\n"
        << *derivative;
    ++compared;
  }
  EXPECT_GT(compared, static_cast<int>(testing::fuzz_rounds(1500) / 2));
}

class Subs : public Diff {};

TEST_F(Subs, ReplacesAllAtOnce) {
  EXPECT_EQ(text(subs(x_ + y_ * x_, {{x_, y_}, {y_, x_}})), "y + x*y");
  EXPECT_EQ(text(subs(x_ + y_, {{x_, x_ + 1}})), "x + 1 + y");
  EXPECT_EQ(text(subs(y_ + x_, {{x_, x_ + 1}})), "y + (x + 1)");
  EXPECT_EQ(text(subs(sin(x_ * y_) + x_, {{x_ * y_, u_(0, 0)}})), "sin(u[0,0]) + x");
  EXPECT_EQ(text(subs(u_(1, 0) - u_(0, 0), {{u_(0, 0), 2}})), "u[1,0] - 2");
  EXPECT_EQ(text(subs(x_, {{x_, 1}, {x_, 2}})), "1");
  EXPECT_EQ(text(subs(x_ + y_, {})), "x + y");
}

TEST_F(Subs, RulesOfConstructionApply) {
  EXPECT_EQ(text(subs(x_ * y_, {{x_, 2}, {y_, 3}})), "6");
  EXPECT_EQ(text(subs(x_ - y_, {{y_, -x_}})), "x + x");
  EXPECT_EQ(text(subs(x_ / y_, {{y_, 4}})), "x/4");
  EXPECT_EQ(text(subs(select(x_ < 1, y_, 7), {{x_, 0}})), "y");
  EXPECT_EQ(text(subs(!(x_ < 1) && y_ < 2, {{x_, 3}})), "y < 2");
  EXPECT_EQ(text(subs(cast(DType::float32, x_), {{x_, y_}})), "float32(y)");
  EXPECT_EQ(text(subs(max(x_, y_), {{x_, 1}, {y_, 2}})), "2");
  EXPECT_THROW(subs(1 / x_, {{x_, 0}}), ExpressionError);
}

TEST_F(Subs, ReturnsTheSameNodeWhereNothingOccurs) {
  const Expr untouched = sin(y_) * 2;
  const Expr expr = untouched + x_;
  EXPECT_TRUE(subs(expr, {{Symbol("z"), 1}}).same_node(expr));
  const Expr changed = subs(expr, {{x_, 1}});
  EXPECT_TRUE(get_if<sym::Sum>(changed)->terms[0].same_node(untouched));
  for (std::uint64_t seed = 0; seed < testing::fuzz_rounds(500); ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    RandomExpr make(random);
    const auto random_expr = try_make([&] { return make.smooth(4); });
    if (!random_expr) continue;
    ASSERT_TRUE(subs(*random_expr, {{Symbol("absent"), x_}, {Expr(77), y_}}).same_node(*random_expr));
  }
}

TEST_F(Subs, ValueIsThatOfTheReplacement) {
  for (std::uint64_t seed = 0; seed < testing::fuzz_rounds(500); ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    RandomExpr make(random);
    const auto expr = try_make([&] { return make.smooth(4); });
    const auto replacement = try_make([&] { return make.smooth(2); });
    if (!expr || !replacement) continue;
    Values values = random_values(*expr + *replacement + x_, random);
    const auto replaced = try_make([&] { return subs(*expr, {{x_, *replacement}}); });
    if (!replaced) continue;
    const long double actual = evaluate(*replaced, values);
    values["x"] = evaluate(*replacement, values);
    const long double expected = evaluate(*expr, values);
    ASSERT_NEAR(static_cast<double>(actual), static_cast<double>(expected),
                static_cast<double>(1e-12L * (1 + std::fabs(expected))))
        << *expr << "\n"
        << *replaced;
  }
}

class Expand : public Diff {};

TEST_F(Expand, MultipliesOutAndCollects) {
  const Symbol z("z");
  EXPECT_EQ(text(expand((x_ + y_) * (x_ - y_))), "x**2 - y**2");
  EXPECT_EQ(text(expand(pow(x_ + y_, 2))), "x**2 + 2*x*y + y**2");
  EXPECT_EQ(text(expand(pow(x_ + 1, 3))), "x**3 + 3*x**2 + 3*x + 1");
  EXPECT_EQ(text(expand(x_ * y_ + y_ * x_)), "2*x*y");
  EXPECT_EQ(text(expand(x_ + y_ - x_)), "y");
  EXPECT_EQ(text(expand(x_ - x_)), "0");
  EXPECT_EQ(text(expand((x_ + y_) / 4)), "1/4*x + 1/4*y");
  EXPECT_EQ(text(expand((x_ + y_) / z)), "x/z + y/z");
  EXPECT_EQ(text(expand(x_ * (1 / x_ + 1))), "1 + x");
  EXPECT_EQ(text(expand(pow(2 * x_ * y_, 3))), "8*x**3*y**3");
  EXPECT_EQ(text(expand(pow(2 * x_, -2))), "1/4/x**2");
  EXPECT_EQ(text(expand(1 / (x_ * (y_ + z)))), "1/(x*y + x*z)");
  EXPECT_EQ(text(expand(sin((x_ + 1) * 2))), "sin(2*x + 2)");
  EXPECT_EQ(text(expand(select(x_ * (x_ + 1) < 0, 2 * (x_ + y_), x_))), "select(x**2 + x < 0, 2*x + 2*y, x)");
  EXPECT_EQ(text(expand(2.0 * x_ - 2.0 * x_)), "0");
  EXPECT_EQ(text(expand(2.0 * x_ + -2.0 * x_)), "0");
  EXPECT_EQ(text(expand(2.0 * (x_ + 1))), "2.0*x + 2.0");
  EXPECT_EQ(text(expand(pow(x_ + y_, rational(1, 2)) * (x_ + 1))), "x*(x + y)**(1/2) + (x + y)**(1/2)");
  EXPECT_EQ(text(expand(pow(x_, y_ - y_ + 2) * x_)), "x**3");
  EXPECT_EQ(text(expand(max(x_ - x_, 1) * (x_ + 1))), "x + 1");
  EXPECT_EQ(text(expand(pow(x_ - x_, 3))), "0");
  EXPECT_EQ(text(expand(u_(1, 0) * (u_(1, 0) + 1))), "u[1,0]**2 + u[1,0]");
  EXPECT_THROW(expand(1 / (x_ - x_)), ExpressionError);
}

TEST_F(Expand, LimitsAreErrors) {
  EXPECT_THROW(expand(pow(x_ + y_, 200)), ExpressionError);
  EXPECT_THROW(expand(pow(pow(x_, std::int64_t{1} << 62), 4)), ExpressionError);
  std::vector<Expr> terms;
  for (int i = 0; i < 4000; ++i) terms.push_back(Symbol("s" + std::to_string(i)));
  EXPECT_THROW(expand(pow(sum(terms), 2)), ExpressionError);
}

TEST_F(Expand, SharedSumsAreExpandedOnce) {
  Expr expr = x_ + y_;
  for (int i = 0; i < 60; ++i) expr = expr + (expr - y_);
  EXPECT_EQ(text(expand(expr)), "1152921504606846976*x + y");
}

TEST_F(Expand, KeepsTheValueAndIsIdempotent) {
  int compared = 0;
  for (std::uint64_t seed = 0; seed < testing::fuzz_rounds(1500); ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    RandomExpr make(random);
    const bool rational_function = random.chance(70);
    const auto expr = try_make([&] {
      const int depth = 1 + static_cast<int>(random.below(4));
      return rational_function ? make.rational_function(depth) : make.smooth(depth);
    });
    if (!expr) continue;
    std::optional<Expr> expanded;
    try {
      expanded = expand(*expr);
    } catch (const ExpressionError& error) {
      // A divisor may turn out to be zero, and coefficients may overflow.
      ASSERT_TRUE(error.code() == ErrorCode::number_overflow || error.code() == ErrorCode::invalid_expression);
      continue;
    }
    const Values values = random_values(*expr, random);
    const long double expected = evaluate(*expr, values);
    if (!std::isfinite(expected)) continue;
    // Cancellation costs digits: compare relative to the largest term.
    long double scale = 1 + std::fabs(expected);
    if (const auto* sum = get_if<sym::Sum>(*expanded)) {
      for (const Expr& term : sum->terms) scale = std::max(scale, std::fabs(evaluate(term, values)));
    }
    ASSERT_NEAR(static_cast<double>(evaluate(*expanded, values) / scale), static_cast<double>(expected / scale), 1e-9)
        << *expr << "\n"
        << *expanded;
    ASSERT_EQ(expand(*expanded), *expanded) << *expr << "\n" << *expanded << "\n" << expand(*expanded);
    ++compared;
  }
  EXPECT_GT(compared, static_cast<int>(testing::fuzz_rounds(1500) / 2));
}

TEST(Queries, InOrderOfFirstAppearance) {
  const Symbol a("a");
  const Symbol b("b");
  const Field u("u", 1);
  const Expr expr = select(b < u(1), a * u(0), u(1) + b) + Symbol("a", DType::int32);
  EXPECT_EQ(free_symbols(expr), (std::vector<Expr>{b, a, Symbol("a", DType::int32)}));
  EXPECT_EQ(field_accesses(expr), (std::vector<Expr>{u(1), u(0)}));
  EXPECT_TRUE(free_symbols(Expr(1)).empty());
}

}  // namespace
}  // namespace cppstencils
