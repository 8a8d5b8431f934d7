#include "ir/typing.hpp"

#include <fmt/format.h>

namespace cppstencils::ir {
namespace {

using Fault = std::optional<std::string>;

Fault gives(std::string_view what, DType actual, DType type) {
  if (actual == type) return {};
  return fmt::format("{} gives {} and its node has {}.", what, to_string(actual), to_string(type));
}

Fault same_types(std::string_view what, const Expr& left, const Expr& right) {
  if (left.type() == right.type()) return {};
  return fmt::format("{} has operands of {} and {}.", what, to_string(left.type()), to_string(right.type()));
}

Fault needs(std::string_view what, std::string_view kind, bool fits, DType actual) {
  if (fits) return {};
  return fmt::format("{} takes {}, not {}.", what, kind, to_string(actual));
}

Fault constant_fault(std::uint64_t bits, DType type) {
  const std::size_t width = type == DType::boolean ? 1 : 8 * size_of(type);
  if (width == 64 || bits >> width == 0) return {};
  return fmt::format("A literal of {} has more than {} bits.", to_string(type), width);
}

Fault unary_fault(const Unary& e) {
  const DType type = e.operand.type();
  switch (e.op) {
    case UnaryOp::negate:
    case UnaryOp::absolute:
      return needs(to_string(e.op), "a number", is_numeric(type), type);
    case UnaryOp::logical_not:
    case UnaryOp::rarely:
      return needs(to_string(e.op), "a boolean", type == DType::boolean, type);
    case UnaryOp::square_root:
    case UnaryOp::floor:
    case UnaryOp::ceil:
      return needs(to_string(e.op), "a floating-point number", is_float(type), type);
  }
  return {};
}

Fault binary_fault(const Binary& e) {
  if (Fault fault = same_types(to_string(e.op), e.left, e.right)) return fault;
  const DType type = e.left.type();
  switch (e.op) {
    case BinaryOp::add:
    case BinaryOp::subtract:
    case BinaryOp::multiply:
    case BinaryOp::divide:
    case BinaryOp::minimum:
    case BinaryOp::maximum:
      return needs(to_string(e.op), "numbers", is_numeric(type), type);
    case BinaryOp::bit_and:
    case BinaryOp::bit_xor:
      return needs(to_string(e.op), "integers", is_integer(type), type);
    case BinaryOp::logical_and:
    case BinaryOp::logical_or:
      return needs(to_string(e.op), "booleans", type == DType::boolean, type);
  }
  return {};
}

Fault compare_fault(const Compare& e) {
  if (Fault fault = same_types(to_string(e.op), e.left, e.right)) return fault;
  switch (e.op) {
    case CompareOp::equal:
    case CompareOp::not_equal:
      return {};
    case CompareOp::less:
    case CompareOp::less_equal:
      return needs(to_string(e.op), "numbers", is_numeric(e.left.type()), e.left.type());
  }
  return {};
}

Fault reinterpret_fault(const Reinterpret& e, DType to) {
  const DType from = e.operand.type();
  const bool fits =
      size_of(from) == size_of(to) && (is_float(from) ? is_integer(to) : is_integer(from) && is_float(to));
  if (fits) return {};
  return fmt::format("reinterpret cannot read the bits of {} as {}.", to_string(from), to_string(to));
}

Fault call_fault(const Call& e) {
  const std::string_view name = to_string(e.function);
  if (e.arguments.size() != argument_count(e.function)) {
    return fmt::format("{} takes {} operands, not {}.", name, argument_count(e.function), e.arguments.size());
  }
  for (const Expr& argument : e.arguments) {
    if (Fault fault = same_types(name, e.arguments[0], argument)) return fault;
  }
  const DType type = e.arguments[0].type();
  return needs(name, "floating-point numbers", is_float(type), type);
}

template <class... Faults>
Fault first(Faults... faults) {
  Fault result;
  ((result = result ? result : std::move(faults)), ...);
  return result;
}

}  // namespace

std::optional<std::string> typing_fault(const NodeKind& kind, DType type) {
  return match_kind(
      kind, [&](const Constant& e) { return constant_fault(e.bits, type); },
      [](const Variable&) { return Fault(); },         // the type is that of the kernel's table
      [](const ScalarParameter&) { return Fault(); },  // as above
      [&](const LoopIndex& e) {
        return first(e.dimension < 0 ? Fault("A loop index has a negative dimension.") : Fault(),
                     gives("A loop index", DType::int64, type));
      },
      [&](const Stride& e) {
        return first(e.axis < 0 ? Fault("A stride has a negative axis.") : Fault(),
                     gives("A stride", DType::int64, type));
      },
      [](const Load&) { return Fault(); },  // the type is that of the kernel's table
      [](const ElementLoad& e) {
        return needs("The position of a load", "int64", e.position.type() == DType::int64, e.position.type());
      },
      [&](const Unary& e) { return first(unary_fault(e), gives(to_string(e.op), e.operand.type(), type)); },
      [&](const Binary& e) { return first(binary_fault(e), gives(to_string(e.op), e.left.type(), type)); },
      [&](const FusedMultiplyAdd& e) {
        return first(same_types("fused_multiply_add", e.a, e.b), same_types("fused_multiply_add", e.a, e.c),
                     needs("fused_multiply_add", "floating-point numbers", is_float(e.a.type()), e.a.type()),
                     gives("fused_multiply_add", e.a.type(), type));
      },
      [&](const Compare& e) { return first(compare_fault(e), gives(to_string(e.op), DType::boolean, type)); },
      [&](const Select& e) {
        return first(
            needs("The condition of select", "a boolean", e.condition.type() == DType::boolean, e.condition.type()),
            same_types("select", e.if_true, e.if_false), gives("select", e.if_true.type(), type));
      },
      [&](const Call& e) {
        Fault fault = call_fault(e);
        return fault ? fault : gives(to_string(e.function), e.arguments[0].type(), type);
      },
      [](const Cast&) { return Fault(); }, [&](const Reinterpret& e) { return reinterpret_fault(e, type); });
}

std::size_t argument_count(MathFunction function) {
  switch (function) {
    case MathFunction::exp:
    case MathFunction::log:
    case MathFunction::sin:
    case MathFunction::cos:
    case MathFunction::tan:
    case MathFunction::sinh:
    case MathFunction::cosh:
    case MathFunction::tanh:
    case MathFunction::asin:
    case MathFunction::acos:
    case MathFunction::atan:
      return 1;
    case MathFunction::atan2:
    case MathFunction::pow:
      return 2;
  }
  return 0;
}

}  // namespace cppstencils::ir
