#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "cppstencils/sym/expr.hpp"
#include "sym/number.hpp"

namespace cppstencils {

using sym::exact;
using sym::make;

std::string_view to_string(Function function) {
  switch (function) {
    case Function::sqrt:
      return "sqrt";
    case Function::exp:
      return "exp";
    case Function::log:
      return "log";
    case Function::sin:
      return "sin";
    case Function::cos:
      return "cos";
    case Function::tan:
      return "tan";
    case Function::sinh:
      return "sinh";
    case Function::cosh:
      return "cosh";
    case Function::tanh:
      return "tanh";
    case Function::asin:
      return "asin";
    case Function::acos:
      return "acos";
    case Function::atan:
      return "atan";
    case Function::atan2:
      return "atan2";
    case Function::abs:
      return "abs";
    case Function::floor:
      return "floor";
    case Function::ceil:
      return "ceil";
    case Function::min:
      return "min";
    case Function::max:
      return "max";
  }
  return "unknown";
}

std::string_view to_string(Relation relation) {
  switch (relation) {
    case Relation::equal:
      return "==";
    case Relation::not_equal:
      return "!=";
    case Relation::less:
      return "<";
    case Relation::less_equal:
      return "<=";
    case Relation::greater:
      return ">";
    case Relation::greater_equal:
      return ">=";
  }
  return "unknown";
}

namespace {

enum class Arity { one, two, one_or_more };

Arity arity_of(Function function) {
  switch (function) {
    case Function::atan2:
      return Arity::two;
    case Function::min:
    case Function::max:
      return Arity::one_or_more;
    case Function::sqrt:
    case Function::exp:
    case Function::log:
    case Function::sin:
    case Function::cos:
    case Function::tan:
    case Function::sinh:
    case Function::cosh:
    case Function::tanh:
    case Function::asin:
    case Function::acos:
    case Function::atan:
    case Function::abs:
    case Function::floor:
    case Function::ceil:
      return Arity::one;
  }
  return Arity::one;
}

void check_arity(Function function, std::size_t given) {
  const auto require = [&](bool fits, std::string_view expected) {
    if (fits) return;
    throw ExpressionError({.code = ErrorCode::invalid_expression,
                           .message = fmt::format("The function '{}' takes {}, but {} {} given.", to_string(function),
                                                  expected, given, given == 1 ? "was" : "were")});
  };
  switch (arity_of(function)) {
    case Arity::one:
      return require(given == 1, "1 argument");
    case Arity::two:
      return require(given == 2, "2 arguments");
    case Arity::one_or_more:
      return require(given >= 1, "1 argument or more");
  }
}

// The smallest or largest of exact numbers.
Expr extreme(Function function, const std::vector<Expr>& arguments) {
  Expr result = arguments.front();
  for (const Expr& argument : arguments) {
    const std::strong_ordering order = sym::compare(*exact(argument), *exact(result));
    if (function == Function::min ? order < 0 : order > 0) result = argument;
  }
  return result;
}

}  // namespace

Expr call(Function function, const std::vector<Expr>& arguments) {
  check_arity(function, arguments.size());
  const bool is_extreme = function == Function::min || function == Function::max;
  if (is_extreme && arguments.size() == 1) return arguments.front();
  const bool all_exact = std::all_of(arguments.begin(), arguments.end(), [](const Expr& e) { return exact(e); });
  if (all_exact) {
    // Where the result is exact too.
    const sym::Number& first = *exact(arguments.front());
    if (is_extreme) return extreme(function, arguments);
    if (function == Function::abs) return first.numerator < 0 ? -arguments.front() : arguments.front();
    if (function == Function::floor) return make(sym::floor(first));
    if (function == Function::ceil) return make(sym::ceil(first));
  }
  return Expr(sym::Node{sym::Call{function, arguments}});
}

Expr sqrt(const Expr& x) { return call(Function::sqrt, {x}); }
Expr exp(const Expr& x) { return call(Function::exp, {x}); }
Expr log(const Expr& x) { return call(Function::log, {x}); }
Expr sin(const Expr& x) { return call(Function::sin, {x}); }
Expr cos(const Expr& x) { return call(Function::cos, {x}); }
Expr tan(const Expr& x) { return call(Function::tan, {x}); }
Expr sinh(const Expr& x) { return call(Function::sinh, {x}); }
Expr cosh(const Expr& x) { return call(Function::cosh, {x}); }
Expr tanh(const Expr& x) { return call(Function::tanh, {x}); }
Expr asin(const Expr& x) { return call(Function::asin, {x}); }
Expr acos(const Expr& x) { return call(Function::acos, {x}); }
Expr atan(const Expr& x) { return call(Function::atan, {x}); }
Expr atan2(const Expr& y, const Expr& x) { return call(Function::atan2, {y, x}); }
Expr abs(const Expr& x) { return call(Function::abs, {x}); }
Expr floor(const Expr& x) { return call(Function::floor, {x}); }
Expr ceil(const Expr& x) { return call(Function::ceil, {x}); }
Expr min(const Expr& a, const Expr& b) { return call(Function::min, {a, b}); }
Expr max(const Expr& a, const Expr& b) { return call(Function::max, {a, b}); }

Expr relation(Relation relation, const Expr& left, const Expr& right) {
  const auto* a = exact(left);
  const auto* b = exact(right);
  if (a != nullptr && b != nullptr) {
    const std::strong_ordering order = sym::compare(*a, *b);
    switch (relation) {
      case Relation::equal:
        return Expr(order == 0);
      case Relation::not_equal:
        return Expr(order != 0);
      case Relation::less:
        return Expr(order < 0);
      case Relation::less_equal:
        return Expr(order <= 0);
      case Relation::greater:
        return Expr(order > 0);
      case Relation::greater_equal:
        return Expr(order >= 0);
    }
  }
  return Expr(sym::Node{sym::Comparison{relation, left, right}});
}

Expr operator<(const Expr& left, const Expr& right) { return relation(Relation::less, left, right); }
Expr operator<=(const Expr& left, const Expr& right) { return relation(Relation::less_equal, left, right); }
Expr operator>(const Expr& left, const Expr& right) { return relation(Relation::greater, left, right); }
Expr operator>=(const Expr& left, const Expr& right) { return relation(Relation::greater_equal, left, right); }
Expr equal_to(const Expr& left, const Expr& right) { return relation(Relation::equal, left, right); }
Expr not_equal_to(const Expr& left, const Expr& right) { return relation(Relation::not_equal, left, right); }

namespace {

Expr connect(Connective connective, const Expr& left, const Expr& right) {
  // The truth value that changes nothing: true for "and", false for "or". The other one decides.
  const bool neutral = connective == Connective::logical_and;
  if (const auto* truth = get_if<sym::Boolean>(left)) return truth->value == neutral ? right : left;
  if (const auto* truth = get_if<sym::Boolean>(right)) return truth->value == neutral ? left : right;
  std::vector<Expr> arguments;
  const auto* chain = get_if<sym::Logical>(left);
  if (chain != nullptr && chain->connective == connective) {
    arguments = chain->arguments;
  } else {
    arguments.push_back(left);
  }
  arguments.push_back(right);
  return Expr(sym::Node{sym::Logical{connective, std::move(arguments)}});
}

}  // namespace

Expr operator&&(const Expr& left, const Expr& right) { return connect(Connective::logical_and, left, right); }
Expr operator||(const Expr& left, const Expr& right) { return connect(Connective::logical_or, left, right); }

Expr operator!(const Expr& operand) {
  if (const auto* truth = get_if<sym::Boolean>(operand)) return Expr(!truth->value);
  const auto* logical = get_if<sym::Logical>(operand);
  if (logical != nullptr && logical->connective == Connective::logical_not) return logical->arguments.front();
  return Expr(sym::Node{sym::Logical{Connective::logical_not, {operand}}});
}

Expr select(const Expr& condition, const Expr& if_true, const Expr& if_false) {
  if (const auto* truth = get_if<sym::Boolean>(condition)) return truth->value ? if_true : if_false;
  return Expr(sym::Node{sym::Select{condition, if_true, if_false}});
}

Expr cast(DType dtype, const Expr& argument) { return Expr(sym::Node{sym::Cast{dtype, argument}}); }

}  // namespace cppstencils
