#include "emit/expr_writer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cppstencils/support/error.hpp"
#include "emit/spelling.hpp"
#include "ir/builder.hpp"
#include "ir/traverse.hpp"

namespace cppstencils::emit {
namespace {

/// Compilers refuse or crash on deeply nested expressions (Clang: 256 levels).
constexpr int max_depth = 64;

std::string_view modular_type(DType type) { return size_of(type) == 8 ? "u64" : "u32"; }

/// C++ computes these types modulo 2^n by itself; narrower ones are promoted to int.
bool wraps_natively(DType type) { return type == DType::uint32 || type == DType::uint64; }

bool is_modular(const ir::Binary& e) {
  if (!is_integer(e.left.type())) return false;
  switch (e.op) {
    case ir::BinaryOp::add:
    case ir::BinaryOp::subtract:
    case ir::BinaryOp::multiply:
      return true;
    case ir::BinaryOp::divide:
    case ir::BinaryOp::minimum:
    case ir::BinaryOp::maximum:
    case ir::BinaryOp::bit_and:
    case ir::BinaryOp::bit_xor:
    case ir::BinaryOp::logical_and:
    case ir::BinaryOp::logical_or:
      return false;
  }
  return false;
}

/// A neighbour's coordinate, as cheap as a variable and clearer.
bool is_shifted_index(const ir::Expr& expr) {
  const auto* sum = ir::get_if<ir::Binary>(expr);
  return sum != nullptr && sum->op == ir::BinaryOp::add && ir::get_if<ir::LoopIndex>(sum->left) != nullptr &&
         ir::is_constant(sum->right);
}

std::string in_parentheses(std::string_view text) { return fmt::format("({})", text); }

/// The digits of -value for a negative literal of a signed type.
std::optional<std::string> negated_literal(const ir::Expr& expr) {
  const std::optional<std::uint64_t> bits = ir::constant_bits(expr);
  if (!bits || !is_signed_integer(expr.type())) return {};
  const std::int64_t value = ir::int_value(expr.type(), *bits);
  if (value >= 0) return {};
  const std::uint64_t magnitude = 0 - static_cast<std::uint64_t>(value);
  return fmt::format("{}{}", magnitude, value == INT64_MIN ? "ull" : "");
}

}  // namespace

void ExprWriter::write(std::span<const ir::Stmt> run) {
  table_.emplace();
  texts_.clear();
  for (const ir::Stmt& stmt : run) {
    for (const ir::Expr& expr : ir::expressions(stmt)) table_->use(number(expr));
  }
  find_narrow_values(run);
  for (const ir::Stmt& stmt : run) {
    ir::match(
        stmt,
        [&](const ir::Let& let) {
          const Number value = number(let.value);
          write_values(value, value);
          const std::string& name = names_.variables[let.id.value];
          const bool is_narrow = style_.places.narrow_variables.contains(let.id.value);
          out_.line(fmt::format("const {} {} = {};", type_name(is_narrow ? DType::int32 : let.value.type()), name,
                                text(value, Binding::conditional)));
          if (!passes::is_trivial(let.value)) texts_[value] = {name};
        },
        [&](const ir::ElementStore& store) {
          const Number position = number(store.position);
          const Number value = number(store.value);
          write_values(std::max(position, value), {});
          out_.line(fmt::format("{}[{}] = {};", names_.buffers[store.buffer.value], subscript(position),
                                text(value, Binding::conditional)));
        },
        [&](const ir::Reduce& reduce) {
          const Number value = number(reduce.value);
          write_values(value, {});
          out_.line(fmt::format("{} = {};", names_.accumulators[reduce.id.value], text(value, Binding::conditional)));
        },
        [](const ir::Store&) { CPPSTENCILS_CHECK(false, "Kernels are lowered before they are written as C++."); },
        [](const ir::Loop&) { CPPSTENCILS_CHECK(false, "A run of statements holds no loop."); });
  }
}

void ExprWriter::write_values(Number last, std::optional<Number> named) {
  for (Number value = static_cast<Number>(texts_.size()); value <= last; ++value) {
    texts_.push_back(write_value(value));
    const passes::ValueTable::Value& entry = (*table_)[value];
    const bool is_shared = entry.uses > 1 && !passes::is_trivial(entry.expr) && !is_shifted_index(entry.expr);
    if ((!is_shared && texts_.back().depth < max_depth) || value == named) continue;
    const std::string name = fmt::format("t{}", temporaries_++);
    out_.line(fmt::format("const {} {} = {};", type_name(type(value)), name, text(value, Binding::conditional)));
    texts_.back() = {name};
  }
}

ExprWriter::Text ExprWriter::write_value(Number value) {
  const passes::ValueTable::Value& entry = (*table_)[value];
  const std::optional<Number> negated = style_.negation == Negation::guarded ? negated_operand(value) : std::nullopt;
  Text result = negated
                    ? Text{fmt::format("{}({})", helpers_.negate(type(value)), text(*negated, Binding::conditional))}
                    : ir::match(entry.expr, [&](const auto& kind) { return write(kind, value); });
  for (const Number child : entry.operands) result.depth = std::max(result.depth, texts_[child].depth + 1);
  return result;
}

ExprWriter::Text ExprWriter::write(const ir::Constant& e, Number value) {
  std::string text = literal(type(value), e.bits, helpers_.dialect());
  const Binding binding = text.front() == '-' ? Binding::prefix : Binding::atom;
  return {std::move(text), binding};
}

ExprWriter::Text ExprWriter::write(const ir::Variable& e, Number) { return {names_.variables[e.id.value]}; }

ExprWriter::Text ExprWriter::write(const ir::ScalarParameter& e, Number) { return {names_.scalars[e.id.value]}; }

ExprWriter::Text ExprWriter::write(const ir::LoopIndex& e, Number value) {
  const bool is_converted = style_.places.are_narrow && !narrow_[value];
  return {is_converted ? fmt::format("i64({})", KernelNames::loop_index(e.dimension))
                       : KernelNames::loop_index(e.dimension)};
}

ExprWriter::Text ExprWriter::write(const ir::Stride& e, Number) {
  return {names_.strides.at({e.buffer.value, e.axis})};
}

ExprWriter::Text ExprWriter::write(const ir::Load&, Number) {
  CPPSTENCILS_CHECK(false, "Kernels are lowered before they are written as C++.");
  return {};
}

ExprWriter::Text ExprWriter::write(const ir::ElementLoad& e, Number value) {
  std::string element = fmt::format("{}[{}]", names_.buffers[e.buffer.value], subscript(operand(value, 0)));
  if (type(value) != DType::boolean) return {std::move(element)};
  return {element + " != 0", Binding::equality};
}

ExprWriter::Text ExprWriter::write(const ir::Unary& e, Number value) {
  const Number only = operand(value, 0);
  switch (e.op) {
    case ir::UnaryOp::negate: {
      if (is_float(type(value))) return prefixed("-", only);
      Text result{fmt::format("-{}", modular_left(only, Binding::atom)), Binding::prefix};
      result.modular = !wraps_natively(type(value));
      return result;
    }
    case ir::UnaryOp::logical_not:
      return prefixed("!", only);
    case ir::UnaryOp::absolute:
      if (is_float(type(value))) return builtin(Builtin::absolute, value);
      if (is_unsigned_integer(type(value))) return {text(only, Binding::atom)};
      return call(helpers_.absolute(type(value)), value);
    case ir::UnaryOp::square_root:
      return builtin(Builtin::square_root, value);
    case ir::UnaryOp::floor:
      return builtin(Builtin::floor, value);
    case ir::UnaryOp::ceil:
      return builtin(Builtin::ceil, value);
    case ir::UnaryOp::rarely:
      return texts_[only];
  }
  return {};
}

ExprWriter::Text ExprWriter::write(const ir::Binary& e, Number value) {
  if (is_modular(e)) return write_modular(e, value);
  switch (e.op) {
    case ir::BinaryOp::add:
      return infix(value, "+", Binding::additive);
    case ir::BinaryOp::subtract:
      return infix(value, "-", Binding::additive);
    case ir::BinaryOp::multiply:
      return infix(value, "*", Binding::multiplicative);
    case ir::BinaryOp::divide:
      return write_division(e, value);
    case ir::BinaryOp::minimum:
      return call(helpers_.minimum(type(value)), value);
    case ir::BinaryOp::maximum:
      return call(helpers_.maximum(type(value)), value);
    case ir::BinaryOp::bit_and:
      return write_bits("&", value);
    case ir::BinaryOp::bit_xor:
      return write_bits("^", value);
    // Both operands are evaluated, so '&' and '|' do, and a loop keeps no branch.
    case ir::BinaryOp::logical_and:
    case ir::BinaryOp::logical_or:
      return {fmt::format("bool({} {} {})", text(operand(value, 0), Binding::prefix),
                          e.op == ir::BinaryOp::logical_and ? "&" : "|", text(operand(value, 1), Binding::prefix))};
  }
  return {};
}

ExprWriter::Text ExprWriter::write_modular(const ir::Binary& e, Number value) {
  const Number left = operand(value, 0);
  const Number right = operand(value, 1);
  Text result;
  if (e.op == ir::BinaryOp::multiply) {
    result.binding = Binding::multiplicative;
    result.text =
        fmt::format("{} * {}", modular_left(left, Binding::multiplicative), modular_right(right, Binding::prefix));
  } else {
    result.binding = Binding::additive;
    bool adds = e.op == ir::BinaryOp::add;
    const std::optional<std::string> negated = negated_literal((*table_)[right].expr);
    if (negated) adds = !adds;
    result.text = fmt::format("{} {} {}", modular_left(left, Binding::additive), adds ? "+" : "-",
                              negated ? *negated : modular_right(right, Binding::multiplicative));
  }
  result.modular = !wraps_natively(type(value));
  return result;
}

ExprWriter::Text ExprWriter::write_bits(std::string_view op, Number value) {
  // Compilers warn of, and people stumble over, '&' and '^' beside other operators without parentheses.
  const std::string text = fmt::format("{} {} {}", this->text(operand(value, 0), Binding::prefix), op,
                                       this->text(operand(value, 1), Binding::prefix));
  // Narrow types are promoted to int.
  if (size_of(type(value)) < 4) return {fmt::format("{}({})", type_name(type(value)), text)};
  return {in_parentheses(text)};
}

ExprWriter::Text ExprWriter::write_division(const ir::Binary& e, Number value) {
  if (is_float(type(value))) return infix(value, "/", Binding::multiplicative);
  const std::optional<std::uint64_t> divisor = ir::constant_bits(e.right);
  const bool is_plain =
      divisor && *divisor != 0 && !(is_signed_integer(type(value)) && ir::int_value(type(value), *divisor) == -1);
  if (is_plain) return infix(value, "/", Binding::multiplicative);
  return call(helpers_.divide(type(value)), value);
}

ExprWriter::Text ExprWriter::write(const ir::FusedMultiplyAdd&, Number value) {
  return builtin(Builtin::fused_multiply_add, value);
}

ExprWriter::Text ExprWriter::write(const ir::Compare& e, Number value) {
  switch (e.op) {
    case ir::CompareOp::equal:
      return infix(value, "==", Binding::equality);
    case ir::CompareOp::not_equal:
      return infix(value, "!=", Binding::equality);
    case ir::CompareOp::less:
      return infix(value, "<", Binding::relational);
    case ir::CompareOp::less_equal:
      return infix(value, "<=", Binding::relational);
  }
  return {};
}

ExprWriter::Text ExprWriter::write(const ir::Select&, Number value) {
  if (style_.selections == Selections::without_branch && is_float(type(value))) {
    return call(helpers_.select(type(value)), value);
  }
  return {fmt::format("{} ? {} : {}", text(operand(value, 0), Binding::bitwise),
                      text(operand(value, 1), Binding::bitwise), text(operand(value, 2), Binding::bitwise)),
          Binding::conditional};
}

ExprWriter::Text ExprWriter::write(const ir::Call& e, Number value) {
  return call(helpers_.math(e.function, type(value)), value);
}

ExprWriter::Text ExprWriter::write(const ir::Cast& e, Number value) {
  const DType to = type(value);
  const DType from = e.operand.type();
  if (to == DType::boolean) {
    return {fmt::format("{} != 0", text(operand(value, 0), Binding::additive)), Binding::equality};
  }
  if (is_float(from) && is_integer(to)) return call(helpers_.saturate(to, from), value);
  return call(type_name(to), value);
}

ExprWriter::Text ExprWriter::write(const ir::Reinterpret& e, Number value) {
  return call(helpers_.reinterpret(type(value), e.operand.type()), value);
}

std::optional<ExprWriter::Number> ExprWriter::negated_operand(Number value) const {
  if (!is_float(type(value))) return {};
  const ir::Expr& expr = (*table_)[value].expr;
  if (const auto* unary = ir::get_if<ir::Unary>(expr)) {
    return unary->op == ir::UnaryOp::negate ? std::optional(operand(value, 0)) : std::nullopt;
  }
  const auto* binary = ir::get_if<ir::Binary>(expr);
  if (binary == nullptr) return {};
  const auto is_literal = [&](const ir::Expr& side, double number) {
    return ir::constant_bits(side) == ir::bits_of_float(type(value), number);
  };
  const bool multiplies = binary->op == ir::BinaryOp::multiply;
  if (multiplies && is_literal(binary->left, -1)) return operand(value, 1);
  if ((multiplies || binary->op == ir::BinaryOp::divide) && is_literal(binary->right, -1)) return operand(value, 0);
  if (binary->op == ir::BinaryOp::subtract && is_literal(binary->left, -0.0)) return operand(value, 1);
  return {};
}

ExprWriter::Text ExprWriter::infix(Number value, std::string_view op, Binding binding) {
  // The left operand groups first by itself; an equally strong right operand needs parentheses. Comparisons never
  // stand side by side without them.
  const auto tighter = static_cast<Binding>(static_cast<int>(binding) + 1);
  const bool chains = binding == Binding::additive || binding == Binding::multiplicative;
  const Binding left_least = chains ? binding : Binding::additive;
  const Binding right_least = chains ? tighter : Binding::additive;
  return {fmt::format("{} {} {}", text(operand(value, 0), left_least), op, text(operand(value, 1), right_least)),
          binding};
}

ExprWriter::Text ExprWriter::call(std::string_view function, Number value) {
  std::string arguments;
  for (const Number argument : (*table_)[value].operands) {
    if (!arguments.empty()) arguments += ", ";
    arguments += text(argument, Binding::conditional);
  }
  return {fmt::format("{}({})", function, arguments)};
}

ExprWriter::Text ExprWriter::builtin(Builtin function, Number value) {
  return call(builtin_name(function, type(value), helpers_.dialect()), value);
}

ExprWriter::Text ExprWriter::prefixed(std::string_view op, Number only) {
  return {fmt::format("{}{}", op, text(only, Binding::atom)), Binding::prefix};
}

std::string ExprWriter::text(Number value, Binding least) const {
  const Text& entry = texts_[value];
  if (entry.modular) return fmt::format("{}({})", type_name(type(value)), entry.text);
  return entry.binding < least ? in_parentheses(entry.text) : entry.text;
}

std::string ExprWriter::subscript(Number value) const {
  const auto* sum = ir::get_if<ir::Binary>((*table_)[value].expr);
  if (!texts_[value].modular || sum == nullptr) return text(value, Binding::conditional);
  const Number left = operand(value, 0);
  const Number right = operand(value, 1);
  if (sum->op == ir::BinaryOp::multiply) {
    const auto factor = [&](Number side) {
      return texts_[side].modular ? in_parentheses(subscript(side)) : text(side, Binding::prefix);
    };
    return fmt::format("{} * {}", factor(left), factor(right));
  }
  const bool adds = sum->op == ir::BinaryOp::add;
  if (const std::optional<std::string> negated = negated_literal((*table_)[right].expr)) {
    return fmt::format("{} {} {}", subscript(left), adds ? "-" : "+", *negated);
  }
  const bool groups = !adds && texts_[right].modular;
  const std::string right_text = texts_[right].modular ? subscript(right) : text(right, Binding::multiplicative);
  return fmt::format("{} {} {}", subscript(left), adds ? "+" : "-", groups ? in_parentheses(right_text) : right_text);
}

std::string ExprWriter::modular_left(Number value, Binding least) const {
  const Text& entry = texts_[value];
  if (entry.modular || wraps_natively(type(value))) {
    return entry.binding < least ? in_parentheses(entry.text) : entry.text;
  }
  return fmt::format("{}({})", modular_type(type(value)), entry.text);
}

std::string ExprWriter::modular_right(Number value, Binding least) const {
  const Text& entry = texts_[value];
  // NVRTC warns of a literal that changes its sign without being asked.
  if (helpers_.dialect() != Dialect::cpp && negated_literal((*table_)[value].expr)) {
    return fmt::format("{}({})", modular_type(type(value)), entry.text);
  }
  return entry.binding < least ? in_parentheses(entry.text) : entry.text;
}

}  // namespace cppstencils::emit
