#pragma once

#include <vector>

#include "cppstencils/field/field.hpp"
#include "cppstencils/sym/expr.hpp"
#include "support/random.hpp"

namespace cppstencils::testing {

/// Random expressions over the symbols x, y, z and the fields u (2D) and f (2D, index shape (3,2)).
class RandomExpr {
 public:
  explicit RandomExpr(Random& random) : random_(random) {}

  static const Field& u() {
    static const Field field("u", 2);
    return field;
  }
  static const Field& f() {
    static const Field field("f", 2, {.index_shape = {3, 2}});
    return field;
  }

  /// Sums, products, quotients and integer powers of symbols, accesses and exact numbers.
  Expr rational_function(int depth) {
    if (depth == 0) return leaf();
    switch (random_.below(6)) {
      case 0:
      case 1:
        return rational_function(depth - 1) + rational_function(depth - 1);
      case 2:
        return rational_function(depth - 1) - rational_function(depth - 1);
      case 3:
        return rational_function(depth - 1) * rational_function(depth - 1);
      case 4:
        // The divisor is never zero for positive values of the leaves.
        return rational_function(depth - 1) / divisor();
      default:
        return pow(rational_function(depth - 1), random_.between(0, 3));
    }
  }

  /// Differentiable everywhere and of moderate size.
  Expr smooth(int depth) {
    if (depth == 0) return leaf();
    const auto next = [&] { return smooth(depth - 1); };
    switch (random_.below(18)) {
      case 0:
      case 1:
        return next() + next();
      case 2:
        return next() - next();
      case 3:
      case 4:
        return sin(next()) * next();
      case 5:
        return next() / (2 + cos(next()));
      case 6:
        return pow(2 + sin(next()), random_.between(-3, 3));
      case 7:
        return pow(2 + sin(next()), sin(next()));
      case 8:
        return pow(2 + sin(next()), rational(random_.between(-5, 5), 2));
      case 9:
        return sqrt(2 + sin(next()));
      case 10:
        return exp(sin(next())) - log(2 + cos(next()));
      case 11:
        return tan(sin(next()));
      case 12:
        return sinh(sin(next())) * cosh(cos(next()));
      case 13:
        return tanh(next());
      case 14:
        return asin(sin(next()) / 2) + acos(cos(next()) / 2);
      case 15:
        return atan(next());
      case 16:
        return atan2(2 + sin(next()), next());
      default:
        return cast(DType::float64, next()) + -next();
    }
  }

  /// A number: anything that a kernel can hold.
  Expr number(int depth) {
    if (depth == 0) return random_.chance(20) ? float_leaf() : leaf();
    const auto next = [&] { return number(depth - 1); };
    switch (random_.below(12)) {
      case 0:
      case 1:
        return next() + next();
      case 2:
        return next() - next();
      case 3:
      case 4:
        return next() * next();
      case 5:
      case 6:
        return next() / divisor();
      case 7:
        return pow(divisor(), random_.chance(50) ? next() : Expr(random_.between(-3, 3)));
      case 8:
        return -next();
      case 9:
        return any_call(depth);
      case 10:
        return select(truth(depth - 1), next(), next());
      default:
        return cast(random_.pick(std::vector{DType::float32, DType::float64, DType::int16, DType::boolean}), next());
    }
  }

  /// A truth value.
  Expr truth(int depth) {
    if (depth == 0) return random_.chance(30) ? Expr(random_.chance(50)) : Expr(Symbol("mask", DType::boolean));
    switch (random_.below(5)) {
      case 0:
        return truth(depth - 1) && truth(depth - 1);
      case 1:
        return truth(depth - 1) || truth(depth - 1);
      case 2:
        return !truth(depth - 1);
      default:
        return relation(static_cast<Relation>(random_.below(6)), number(depth - 1), number(depth - 1));
    }
  }

 private:
  Expr leaf() {
    switch (random_.below(6)) {
      case 0:
        return Symbol("x");
      case 1:
        return Symbol("y");
      case 2:
        return Symbol("z");
      case 3:
        return random_.chance(50) ? Expr(u()(random_.between(-1, 1), 0))
                                  : Expr(f()(0, 1)(random_.below(3), random_.below(2)));
      case 4:
        return random_.between(-3, 3);
      default:
        return rational(random_.between(-5, 5), random_.between(1, 4));
    }
  }

  Expr float_leaf() {
    return random_.pick(std::vector<Expr>{2.0, -2.0, 0.5, -0.0, 1e300, -2.5e-30, 0.1, Expr(coordinate(1))});
  }

  Expr divisor() {
    return random_.pick(std::vector<Expr>{Symbol("x"), Symbol("y"), Symbol("x") + Symbol("y"), 3, -4, rational(2, 3),
                                          pow(Symbol("z"), 2), pow(Symbol("z"), -2), Symbol("x") * Symbol("y"),
                                          -Symbol("x")});
  }

  Expr any_call(int depth) {
    const auto function = static_cast<Function>(random_.below(static_cast<std::size_t>(Function::max) + 1));
    std::vector<Expr> arguments{number(depth - 1)};
    const bool binary = function == Function::atan2 || function == Function::min || function == Function::max;
    if (binary) arguments.push_back(number(depth - 1));
    return call(function, arguments);
  }

  Random& random_;
};

}  // namespace cppstencils::testing
