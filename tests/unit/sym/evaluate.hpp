#pragma once

#include <cmath>
#include <map>
#include <stdexcept>
#include <string>

#include "cppstencils/sym/expr.hpp"

namespace cppstencils::testing {

/// Values of symbols and accesses, by their text.
using Values = std::map<std::string, long double>;

/// The value of an expression in long double; truth values are 0 and 1. Written for tests: simple and slow.
inline long double evaluate(const Expr& expr, const Values& values) {
  const auto of = [&](const Expr& e) { return evaluate(e, values); };
  return match(
      expr,
      [](const sym::Number& n) {
        return static_cast<long double>(n.numerator) / static_cast<long double>(n.denominator);
      },
      [](const sym::Float& n) { return static_cast<long double>(n.value); },
      [](const sym::Boolean& b) { return b.value ? 1.0L : 0.0L; },
      [&](const sym::SymbolAtom&) { return values.at(to_string(expr)); },
      [&](const sym::Access&) { return values.at(to_string(expr)); },
      [&](const sym::Coordinate&) { return values.at(to_string(expr)); },
      [&](const sym::Sum& s) {
        long double total = 0;
        for (const Expr& term : s.terms) total += of(term);
        return total;
      },
      [&](const sym::Product& p) {
        long double total = 1;
        for (const Expr& factor : p.factors) total *= of(factor);
        return total;
      },
      [&](const sym::Power& p) { return std::pow(of(p.base), of(p.exponent)); },
      [&](const sym::Call& c) {
        const long double x = of(c.arguments[0]);
        const long double y = c.arguments.size() > 1 ? of(c.arguments[1]) : 0;
        switch (c.function) {
          case Function::sqrt:
            return std::sqrt(x);
          case Function::exp:
            return std::exp(x);
          case Function::log:
            return std::log(x);
          case Function::sin:
            return std::sin(x);
          case Function::cos:
            return std::cos(x);
          case Function::tan:
            return std::tan(x);
          case Function::sinh:
            return std::sinh(x);
          case Function::cosh:
            return std::cosh(x);
          case Function::tanh:
            return std::tanh(x);
          case Function::asin:
            return std::asin(x);
          case Function::acos:
            return std::acos(x);
          case Function::atan:
            return std::atan(x);
          case Function::atan2:
            return std::atan2(x, y);
          case Function::abs:
            return std::fabs(x);
          case Function::floor:
            return std::floor(x);
          case Function::ceil:
            return std::ceil(x);
          case Function::min:
            return x < y ? x : y;
          case Function::max:
            return x > y ? x : y;
        }
        throw std::logic_error("unknown function");
      },
      [&](const sym::Comparison& c) -> long double {
        const long double a = of(c.left);
        const long double b = of(c.right);
        switch (c.relation) {
          case Relation::equal:
            return a == b;
          case Relation::not_equal:
            return a != b;
          case Relation::less:
            return a < b;
          case Relation::less_equal:
            return a <= b;
          case Relation::greater:
            return a > b;
          case Relation::greater_equal:
            return a >= b;
        }
        throw std::logic_error("unknown relation");
      },
      [&](const sym::Logical& l) -> long double {
        if (l.connective == Connective::logical_not) return of(l.arguments[0]) == 0;
        for (const Expr& argument : l.arguments) {
          if ((of(argument) != 0) != (l.connective == Connective::logical_and)) {
            return l.connective == Connective::logical_or;
          }
        }
        return l.connective == Connective::logical_and;
      },
      [&](const sym::Select& s) { return of(s.condition) != 0 ? of(s.if_true) : of(s.if_false); },
      [&](const sym::Cast& c) {
        if (!is_float(c.dtype)) throw std::logic_error("only casts to floating point");
        return of(c.argument);
      },
      [](const sym::RandomNumber&) -> long double { throw std::logic_error("random numbers need a cell"); });
}

}  // namespace cppstencils::testing
