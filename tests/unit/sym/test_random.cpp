#include "cppstencils/sym/random.hpp"

#include <gtest/gtest.h>

#include "cppstencils/field/field.hpp"
#include "cppstencils/sym/calculus.hpp"

namespace cppstencils {
namespace {

class RandomNumbers : public ::testing::Test {
 protected:
  Symbol step_{"step", DType::uint32}, seed_{"seed", DType::uint32}, x_{"x", DType::int64};
};

TEST_F(RandomNumbers, ADrawFillsFourWords) {
  EXPECT_EQ(Philox(DType::float64, 1).uniform(0).size(), 2U);
  EXPECT_EQ(Philox(DType::float32, 1).uniform(0).size(), 4U);
  EXPECT_EQ(Philox(DType::uint32, 1).uniform(0).size(), 4U);
  EXPECT_EQ(Philox(DType::float64, 1).normal(0).size(), 2U);
  EXPECT_EQ(Philox(DType::float32, 1).normal(0).size(), 4U);
}

TEST_F(RandomNumbers, TheSameArgumentsAreTheSameNumber) {
  const auto number = [&](const Expr& counter, const Expr& stream, std::size_t position) {
    return Philox(DType::float64, seed_, {.offsets = {x_}}).uniform(counter, stream).at(position);
  };
  EXPECT_EQ(number(step_, 0, 0), number(step_, 0, 0));
  EXPECT_NE(number(step_, 0, 0), number(step_, 0, 1));
  EXPECT_NE(number(step_, 0, 0), number(step_, 1, 0));
  EXPECT_NE(number(step_, 0, 0), number(3, 0, 0));
  EXPECT_NE(number(step_, 0, 0), Philox(DType::float64, seed_).uniform(step_)[0]);
  EXPECT_NE(Philox(DType::float32, 1).uniform(0)[0], Philox(DType::uint32, 1).uniform(0)[0]);
}

TEST_F(RandomNumbers, ParametersCanBeReplaced) {
  const Philox rng(DType::float64, seed_, {.offsets = {x_}});
  EXPECT_EQ(free_symbols(rng.uniform(step_)[0]), (std::vector<Expr>{step_, seed_, x_}));
  EXPECT_EQ(subs(rng.uniform(step_)[1], {{step_, 3}, {seed_, 5}, {x_, 0}}), Philox(DType::float64, 5).uniform(3)[1]);
}

TEST_F(RandomNumbers, DerivativesTakeThemForConstants) {
  const Field u("u", 2);
  const Expr noise = Philox(DType::float64, seed_).uniform(step_)[0];
  EXPECT_EQ(diff(noise * u(0, 0) + noise, u(0, 0)), noise);
  EXPECT_EQ(diff(noise, u(0, 0)), Expr(0));
}

TEST_F(RandomNumbers, HaveAText) {
  EXPECT_EQ(to_string(Philox(DType::float64, 42).uniform(step_)[1]), "random_float64_1(step, 42, 0)");
  EXPECT_EQ(to_string(Philox(DType::float32, 42, {.offsets = {0, 8}}).uniform(step_, 2)[3]),
            "random_float32_3(step, 42, 2, 0, 8)");
}

}  // namespace
}  // namespace cppstencils
