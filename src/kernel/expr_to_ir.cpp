#include "kernel/expr_to_ir.hpp"

#include <limits>
#include <optional>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "ir/builder.hpp"
#include "kernel/diagnostics.hpp"
#include "kernel/exact_number.hpp"

namespace cppstencils::kernel {

namespace {

using ir::BinaryOp;
using ir::UnaryOp;

// Powers up to this size become multiplications.
constexpr std::int64_t max_expanded_exponent = 64;

ir::Expr literal(DType dtype, std::int64_t value) {
  return is_float(dtype) ? ir::float_constant(dtype, static_cast<double>(value)) : ir::int_constant(dtype, value);
}

bool is_negative(const sym::Number& number) { return number.numerator < 0; }

// The expression without its leading sign, if it has one: 3 for -3, x*y for -x*y. Negation is exact, so that
// a + (-x) and a - x are the same value.
std::optional<Expr> without_sign(const Expr& expr) {
  const auto* product = get_if<sym::Product>(expr);
  const auto* number = get_if<sym::Number>(product != nullptr ? product->factors.front() : expr);
  if (number == nullptr || !is_negative(*number)) return std::nullopt;
  // The smallest integer has no negative.
  if (number->numerator == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  return -expr;
}

ir::Expr expand_power(const ir::Expr& base, std::int64_t exponent) {
  if (exponent == 1) return base;
  const ir::Expr half = expand_power(base, exponent / 2);
  const ir::Expr square = ir::binary(BinaryOp::multiply, half, half);
  return exponent % 2 == 0 ? square : ir::binary(BinaryOp::multiply, square, base);
}

std::optional<ir::UnaryOp> unary_op(Function function) {
  switch (function) {
    case Function::sqrt:
      return UnaryOp::square_root;
    case Function::abs:
      return UnaryOp::absolute;
    case Function::floor:
      return UnaryOp::floor;
    case Function::ceil:
      return UnaryOp::ceil;
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
    case Function::atan2:
    case Function::min:
    case Function::max:
      return std::nullopt;
  }
  return std::nullopt;
}

ir::MathFunction math_function(Function function) {
  switch (function) {
    case Function::exp:
      return ir::MathFunction::exp;
    case Function::log:
      return ir::MathFunction::log;
    case Function::sin:
      return ir::MathFunction::sin;
    case Function::cos:
      return ir::MathFunction::cos;
    case Function::tan:
      return ir::MathFunction::tan;
    case Function::sinh:
      return ir::MathFunction::sinh;
    case Function::cosh:
      return ir::MathFunction::cosh;
    case Function::tanh:
      return ir::MathFunction::tanh;
    case Function::asin:
      return ir::MathFunction::asin;
    case Function::acos:
      return ir::MathFunction::acos;
    case Function::atan:
      return ir::MathFunction::atan;
    case Function::atan2:
      return ir::MathFunction::atan2;
    case Function::sqrt:
    case Function::abs:
    case Function::floor:
    case Function::ceil:
    case Function::min:
    case Function::max:
      break;
  }
  CPPSTENCILS_CHECK(false, "The function is an operator of the IR, not a call.");
  return ir::MathFunction::exp;
}

}  // namespace

ir::Expr ExprToIr::operator()(const Expr& expr, DType context, const Expr& reason) {
  reason_ = reason;
  return lower(expr, context);
}

ir::Expr ExprToIr::lower(const Expr& expr, DType context) {
  const std::pair key(&expr.node(), context);
  if (const auto known = done_.find(key); known != done_.end()) return known->second.second;
  const ir::Expr result = lower_new(expr, context);
  done_.emplace(key, std::pair(expr, result));
  return result;
}

ir::Expr ExprToIr::leaf(const Expr& expr, ir::Expr value, DType context) const {
  if (value.type() == context) return value;
  throw TypeMismatch(
      {.code = ErrorCode::type_mismatch,
       .message = fmt::format("'{}' has type {}, but '{}' has type {}.", short_text(expr), to_string(value.type()),
                              short_text(reason_), to_string(context)),
       .hints = {"Declare both with one type, set 'default_dtype' for symbols without a type, or convert "
                 "with cast() in C++ or tcast() in Python."}});
}

void ExprToIr::require_float(const Expr& expr, DType context) const {
  if (is_float(context)) return;
  throw TypeMismatch(
      {.code = ErrorCode::unsupported_type,
       .message = fmt::format("'{}' needs floating-point numbers, but '{}' has type {}.", short_text(expr),
                              short_text(reason_), to_string(context)),
       .hints = {"Convert the operands, with cast() in C++ or tcast() in Python, and the result back."}});
}

ir::Expr ExprToIr::lower_new(const Expr& expr, DType context) {
  const auto require_numeric = [&] {
    if (is_numeric(context)) return;
    throw TypeMismatch(
        {.code = ErrorCode::type_mismatch,
         .message = fmt::format("'{}' is a number, but '{}' is a truth value.", short_text(expr), short_text(reason_)),
         .hints = {"Compare the number, for example with 0."}});
  };
  const auto truth = [&](ir::Expr value) {
    if (context == DType::boolean) return value;
    throw TypeMismatch({.code = ErrorCode::type_mismatch,
                        .message = fmt::format("'{}' is a truth value, but '{}' has type {}.", short_text(expr),
                                               short_text(reason_), to_string(context)),
                        .hints = {"Choose between numbers, with select() in C++ or Piecewise in SymPy."}});
  };
  return match(
      expr,
      [&](const sym::Number& value) {
        require_numeric();
        return number(value, context);
      },
      [&](const sym::Float& value) {
        require_numeric();
        require_float(expr, context);
        return ir::float_constant(context, value.value);
      },
      [&](const sym::Boolean& value) { return truth(ir::bool_constant(value.value)); },
      [&](const sym::SymbolAtom& symbol) { return leaf(expr, leaves_.symbol(symbol), context); },
      [&](const sym::Access& access) { return leaf(expr, leaves_.access(access), context); },
      [&](const sym::Coordinate& coordinate) {
        if (coordinate.dimension >= leaves_.rank) {
          throw ExpressionError({.code = ErrorCode::field_rank,
                                 .message = fmt::format("coordinate({}) is used in a kernel with {} dimensions.",
                                                        coordinate.dimension, leaves_.rank)});
        }
        return leaf(expr, ir::cast(types_.index_dtype(), ir::loop_index(coordinate.dimension)), context);
      },
      [&](const sym::Sum& value) {
        require_numeric();
        return sum(value, context);
      },
      [&](const sym::Product& value) {
        require_numeric();
        return product(value, context);
      },
      [&](const sym::Power& value) {
        require_numeric();
        return power(value, context);
      },
      [&](const sym::Call& value) {
        require_numeric();
        return call(expr, value, context);
      },
      [&](const sym::Comparison& value) { return truth(comparison(value)); },
      [&](const sym::Logical& value) { return truth(logical(value)); },
      [&](const sym::Select& value) {
        const Expr outer = std::exchange(reason_, value.condition);
        const ir::Expr condition = lower(value.condition, DType::boolean);
        reason_ = outer;
        return ir::select(condition, lower(value.if_true, context), lower(value.if_false, context));
      },
      [&](const sym::Cast& value) {
        const std::optional<KnownType> known = types_.first_known(value.argument);
        // A bare constant takes the type of the cast: nothing is converted.
        const DType inner = known ? known->dtype : value.dtype;
        const Expr outer = std::exchange(reason_, known ? known->source : expr);
        const ir::Expr argument = lower(value.argument, inner);
        reason_ = outer;
        return leaf(expr, ir::cast(value.dtype, argument), context);
      },
      [&](const sym::RandomNumber& value) { return leaf(expr, random(expr, value), context); });
}

ir::Expr ExprToIr::number(const sym::Number& value, DType context) {
  if (context == DType::float64) {
    return ir::float_constant(context, nearest_double(value.numerator, value.denominator));
  }
  if (context == DType::float32) {
    return ir::float_constant(context, nearest_float(value.numerator, value.denominator));
  }
  const auto text = [&] {
    return value.denominator == 1 ? fmt::format("{}", value.numerator)
                                  : fmt::format("{}/{}", value.numerator, value.denominator);
  };
  if (value.denominator != 1) {
    throw TypeMismatch({.code = ErrorCode::unsupported_type,
                        .message = fmt::format("The fraction {} does not exist in type {}, the type of '{}'.", text(),
                                               to_string(context), short_text(reason_)),
                        .hints = {"Multiply before you divide, as in x*2/3; integer division rounds towards zero."}});
  }
  const bool inside =
      is_signed_integer(context)
          ? size_of(context) == 8 || (value.numerator >= -(std::int64_t{1} << (8 * size_of(context) - 1)) &&
                                      value.numerator < (std::int64_t{1} << (8 * size_of(context) - 1)))
          : value.numerator >= 0 &&
                (size_of(context) == 8 || value.numerator < (std::int64_t{1} << (8 * size_of(context))));
  if (!inside) {
    throw ExpressionError({.code = ErrorCode::constant_out_of_range,
                           .message = fmt::format("The constant {} does not fit into type {}, the type of '{}'.",
                                                  text(), to_string(context), short_text(reason_))});
  }
  return ir::int_constant(context, value.numerator);
}

ir::Expr ExprToIr::sum(const sym::Sum& value, DType context) {
  // -a + b is b - a: the same value with one operation less.
  const auto first_negative = without_sign(value.terms[0]);
  const bool swap_first = first_negative.has_value() && !without_sign(value.terms[1]).has_value();
  ir::Expr total = swap_first
                       ? ir::binary(BinaryOp::subtract, lower(value.terms[1], context), lower(*first_negative, context))
                       : lower(value.terms[0], context);
  for (std::size_t i = swap_first ? 2 : 1; i < value.terms.size(); ++i) {
    if (const auto positive = without_sign(value.terms[i])) {
      total = ir::binary(BinaryOp::subtract, total, lower(*positive, context));
    } else {
      total = ir::binary(BinaryOp::add, total, lower(value.terms[i], context));
    }
  }
  return total;
}

ir::Expr ExprToIr::product(const sym::Product& value, DType context) {
  const auto* sign = get_if<sym::Number>(value.factors[0]);
  const bool negated = sign != nullptr && sign->numerator == -1 && sign->denominator == 1;
  const std::size_t first = negated ? 1 : 0;
  ir::Expr total = lower(value.factors[first], context);
  for (std::size_t i = first + 1; i < value.factors.size(); ++i) {
    total = times(std::move(total), value.factors[i], context);
  }
  return negated ? ir::unary(UnaryOp::negate, total) : total;
}

ir::Expr ExprToIr::times(ir::Expr left, const Expr& factor, DType context) {
  if (const auto* number = get_if<sym::Number>(factor); number != nullptr && number->denominator != 1) {
    if (number->numerator == 1) {
      return ir::binary(BinaryOp::divide, left, lower(Expr(number->denominator), context));
    }
    if (number->numerator == -1) {
      return ir::unary(UnaryOp::negate, ir::binary(BinaryOp::divide, left, lower(Expr(number->denominator), context)));
    }
  }
  if (const auto* power = get_if<sym::Power>(factor)) {
    const auto* exponent = get_if<sym::Number>(power->exponent);
    if (exponent != nullptr && is_negative(*exponent)) {
      return ir::binary(BinaryOp::divide, left, lower(pow(power->base, -power->exponent), context));
    }
  }
  return ir::binary(BinaryOp::multiply, left, lower(factor, context));
}

ir::Expr ExprToIr::power(const sym::Power& value, DType context) {
  if (const auto* exponent = get_if<sym::Number>(value.exponent)) {
    if (is_negative(*exponent)) {
      return ir::binary(BinaryOp::divide, literal(context, 1), lower(pow(value.base, -value.exponent), context));
    }
    if (exponent->denominator == 1 && exponent->numerator <= max_expanded_exponent) {
      return expand_power(lower(value.base, context), exponent->numerator);
    }
    if (exponent->denominator == 2 && exponent->numerator == 1) {
      require_float(pow(value.base, value.exponent), context);
      return ir::unary(UnaryOp::square_root, lower(value.base, context));
    }
  }
  require_float(pow(value.base, value.exponent), context);
  return ir::call(ir::MathFunction::pow, {lower(value.base, context), lower(value.exponent, context)});
}

ir::Expr ExprToIr::call(const Expr& expr, const sym::Call& value, DType context) {
  if (value.function == Function::min || value.function == Function::max) {
    const BinaryOp op = value.function == Function::min ? BinaryOp::minimum : BinaryOp::maximum;
    ir::Expr result = lower(value.arguments[0], context);
    for (std::size_t i = 1; i < value.arguments.size(); ++i) {
      result = ir::binary(op, result, lower(value.arguments[i], context));
    }
    return result;
  }
  if (value.function != Function::abs) require_float(expr, context);
  if (const auto op = unary_op(value.function)) return ir::unary(*op, lower(value.arguments[0], context));
  std::vector<ir::Expr> arguments;
  for (const Expr& argument : value.arguments) arguments.push_back(lower(argument, context));
  return ir::call(math_function(value.function), std::move(arguments));
}

ir::Expr ExprToIr::comparison(const sym::Comparison& value) {
  std::optional<KnownType> known = types_.first_known(value.left);
  if (!known) known = types_.first_known(value.right);
  const DType context = known ? known->dtype : types_.default_dtype();
  const Expr outer = std::exchange(reason_, known ? known->source : value.left);
  const ir::Expr left = lower(value.left, context);
  const ir::Expr right = lower(value.right, context);
  reason_ = outer;
  switch (value.relation) {
    case Relation::equal:
      return ir::compare(ir::CompareOp::equal, left, right);
    case Relation::not_equal:
      return ir::compare(ir::CompareOp::not_equal, left, right);
    case Relation::less:
      return ir::compare(ir::CompareOp::less, left, right);
    case Relation::less_equal:
      return ir::compare(ir::CompareOp::less_equal, left, right);
    case Relation::greater:
      return ir::compare(ir::CompareOp::less, right, left);
    case Relation::greater_equal:
      return ir::compare(ir::CompareOp::less_equal, right, left);
  }
  CPPSTENCILS_CHECK(false, "A relation is one of six.");
  return left;
}

ir::Expr ExprToIr::logical(const sym::Logical& value) {
  ir::Expr result = lower(value.arguments[0], DType::boolean);
  if (value.connective == Connective::logical_not) return ir::unary(UnaryOp::logical_not, result);
  const BinaryOp op = value.connective == Connective::logical_and ? BinaryOp::logical_and : BinaryOp::logical_or;
  for (std::size_t i = 1; i < value.arguments.size(); ++i) {
    result = ir::binary(op, result, lower(value.arguments[i], DType::boolean));
  }
  return result;
}

}  // namespace cppstencils::kernel
