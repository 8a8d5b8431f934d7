#include <pthread.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "cppstencils/support/error.hpp"
#include "cppstencils/sym/calculus.hpp"
#include "random_expr.hpp"
#include "sym/to_string.hpp"

namespace cppstencils {
namespace {

using testing::Random;
using testing::RandomExpr;

TEST(Expr, DefaultIsExactZero) { EXPECT_EQ(Expr(), Expr(0)); }

TEST(Expr, NumbersKeepTheirKind) {
  EXPECT_NE(get_if<sym::Number>(Expr(2)), nullptr);
  EXPECT_NE(get_if<sym::Number>(Expr(std::size_t{2})), nullptr);
  EXPECT_NE(get_if<sym::Float>(Expr(2.0)), nullptr);
  EXPECT_NE(get_if<sym::Float>(Expr(2.0F)), nullptr);
  EXPECT_NE(get_if<sym::Boolean>(Expr(true)), nullptr);
  EXPECT_FALSE(Expr(2) == Expr(2.0));
  EXPECT_FALSE(Expr(1) == Expr(true));
  EXPECT_EQ(get_if<sym::Number>(Expr(std::numeric_limits<std::int64_t>::min()))->numerator,
            std::numeric_limits<std::int64_t>::min());
}

TEST(Expr, EqualityIsStructural) {
  const Symbol x("x");
  const Symbol y("y");
  EXPECT_TRUE(x + y * 2 == Symbol("x") + Symbol("y") * 2);
  EXPECT_FALSE(x + y == y + x);
  EXPECT_FALSE(x.expr() == Symbol("x", DType::float32).expr());
  const Field u("u", 2);
  EXPECT_TRUE(u(1, 0).expr() == Field("u", 2)(1, 0).expr());
  EXPECT_FALSE(u(1, 0).expr() == u(0, 1).expr());
  EXPECT_FALSE(u(1, 0).expr() == Field("u", 2, {.dtype = DType::float32})(1, 0).expr());
  EXPECT_FALSE(Expr(0.0) == Expr(-0.0));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(Expr(nan) == Expr(-nan));
}

// By kind in the order of sym::Kind, then payload, then operands from left to right.
TEST(Expr, OrderIsByKindThenPayloadThenOperands) {
  const Symbol x("x");
  const Symbol y("y");
  const Field u("u", 1);
  const Field v("v", 1);
  const std::vector<Expr> ascending{-1,
                                    rational(1, 2),
                                    1,
                                    2.0,
                                    false,
                                    true,
                                    x,
                                    Symbol("x", DType::float32),
                                    y,
                                    u(-1),
                                    u(1),
                                    v(0),
                                    coordinate(0),
                                    coordinate(1),
                                    x + y,
                                    x + v(0),
                                    y + x,
                                    x + x + x,
                                    x * y,
                                    y * x,
                                    pow(x, 2),
                                    pow(x, y),
                                    sqrt(y),
                                    exp(x),
                                    equal_to(x, y),
                                    x < y,
                                    x < y && x < x,
                                    !(x < y),
                                    select(x < y, x, y),
                                    cast(DType::float32, x),
                                    cast(DType::float64, x)};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(compare(ascending[i], ascending[j]) <=> 0, i <=> j) << ascending[i] << " and " << ascending[j];
    }
  }
}

TEST(Expr, OrderIsTotalAndAgreesWithEquality) {
  for (std::uint64_t seed = 0; seed < testing::fuzz_rounds(300); ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    RandomExpr make(random);
    std::vector<Expr> exprs;
    for (int i = 0; i < 3; ++i) exprs.push_back(make.rational_function(static_cast<int>(random.below(3))));
    std::sort(exprs.begin(), exprs.end(), [](const Expr& a, const Expr& b) { return compare(a, b) < 0; });
    for (const Expr& a : exprs) {
      for (const Expr& b : exprs) {
        ASSERT_EQ(compare(a, b) == 0, a == b);
        ASSERT_EQ(compare(a, b) < 0, compare(b, a) > 0);
      }
    }
    ASSERT_TRUE(compare(exprs[0], exprs[1]) <= 0 && compare(exprs[1], exprs[2]) <= 0);
    ASSERT_TRUE(compare(exprs[0], exprs[2]) <= 0);
  }
}

TEST(Expr, DepthCountsLevels) {
  const Symbol x("x");
  EXPECT_EQ(x.expr().node().depth, 1u);
  EXPECT_EQ((x + x + x + x).node().depth, 2u);
  EXPECT_EQ((x + (x + x)).node().depth, 3u);
  EXPECT_EQ(sin(x * x).node().depth, 3u);
}

TEST(Expr, SymbolsKnowNameAndType) {
  const Symbol plain("_a1");
  EXPECT_EQ(plain.name(), "_a1");
  EXPECT_EQ(plain.dtype(), std::nullopt);
  const Symbol typed("n", DType::int32);
  EXPECT_EQ(typed.dtype(), DType::int32);
  EXPECT_EQ(Symbol(std::string(255, 'a')).name().size(), 255u);
  for (const char* name : {"", "1a", "a-b", "a b", "\xc3\xa4", "a\n"}) {
    EXPECT_THROW(Symbol{name}, ExpressionError) << name;
  }
  EXPECT_THROW(Symbol(std::string(256, 'a')), ExpressionError);
}

Expr nested(int depth) {
  Expr expr = Symbol("x");
  for (int i = 1; i < depth; ++i) expr = sin(expr);
  return expr;
}

TEST(Expr, TooDeep) {
  EXPECT_NO_THROW(nested(1000));
  EXPECT_THROW(nested(1001), ExpressionError);
}

// Runs an action on a thread with a small stack.
void on_small_stack(std::size_t bytes, const std::function<void()>& action) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, bytes), 0);
  pthread_t thread;
  const auto run = [](void* argument) -> void* {
    (*static_cast<const std::function<void()>*>(argument))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, run, const_cast<std::function<void()>*>(&action)), 0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  ASSERT_EQ(pthread_attr_destroy(&attributes), 0);
}

TEST(Expr, DeepExpressionsNeedNoDeepStack) {
  on_small_stack(256 * 1024, [] {
    const Expr deep = nested(1000);
    EXPECT_TRUE(deep == nested(1000));
    EXPECT_TRUE(compare(deep, sin(nested(998))) != 0);
    EXPECT_EQ(to_string(deep).size(), 999 * 5 + 1u);
    EXPECT_EQ(free_symbols(deep).size(), 1u);
    EXPECT_EQ(subs(deep, {{Symbol("x"), Symbol("y")}}).node().depth, 1000u);
    EXPECT_TRUE(expand(deep) == deep);
    // The chain rule needs one level more than the expression has.
    EXPECT_NO_THROW(diff(nested(900), Symbol("x")));
  });
}

// Every level doubles the size of the expression as a tree.
Expr doubled(int levels, const Expr& start) {
  Expr expr = start;
  for (int i = 0; i < levels; ++i) expr = sin(expr) * cos(expr);
  return expr;
}

TEST(Expr, SharedNodesCostOnce) {
  const Symbol x("x");
  const Expr shared = doubled(200, x);
  EXPECT_TRUE(shared == doubled(200, x));
  EXPECT_FALSE(shared == doubled(200, Symbol("y")));
  EXPECT_TRUE(compare(shared, doubled(200, x)) == 0);
  EXPECT_EQ(free_symbols(shared).size(), 1u);
  EXPECT_TRUE(subs(shared, {{x, Symbol("y")}}) == doubled(200, Symbol("y")));
  EXPECT_FALSE(diff(shared, x) == Expr(0));
  EXPECT_TRUE(expand(shared) == shared);
}

TEST(Expr, WideSums) {
  const Symbol x("x");
  std::vector<Expr> terms;
  for (int i = 1; i <= 100'000; ++i) terms.push_back(i * x);
  const Expr wide = sum(terms);
  EXPECT_EQ(get_if<sym::Sum>(wide)->terms.size(), terms.size());
  EXPECT_TRUE(wide == sum(terms));
  EXPECT_TRUE(diff(wide, x) == Expr(5'000'050'000));
  EXPECT_TRUE(expand(wide) == 5'000'050'000 * x);
  EXPECT_TRUE(subs(wide, {{x, 1}}) == Expr(5'000'050'000));
  EXPECT_EQ(to_string(wide).substr(0, 15), "x + 2*x + 3*x +");
  const Expr factors = product(std::vector<Expr>(100'000, -x));
  EXPECT_EQ(get_if<sym::Product>(factors)->factors.size(), 100'000u);
}

TEST(Expr, LoopsOverAssignmentOperators) {
  const Symbol x("x");
  Expr total;
  for (int i = 0; i < 2000; ++i) total += x;
  EXPECT_EQ(get_if<sym::Sum>(total)->terms.size(), 2000u);
  Expr e = x;
  e -= 1;
  e *= 2;
  e /= x;
  EXPECT_EQ(to_string(e), "(x - 1)*2/x");
}

}  // namespace
}  // namespace cppstencils
