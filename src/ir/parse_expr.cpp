#include "ir/parse_expr.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "cppstencils/support/error.hpp"
#include "ir/builder.hpp"
#include "ir/parse_literal.hpp"
#include "ir/typing.hpp"

namespace cppstencils::ir {
namespace {

// The printer stays far below; a text from elsewhere must not exhaust the stack.
constexpr int max_nesting = 400;
constexpr std::uint32_t max_id = std::numeric_limits<std::uint32_t>::max() - 1;

constexpr std::array infix_operators{BinaryOp::add,    BinaryOp::subtract,    BinaryOp::multiply,
                                     BinaryOp::divide, BinaryOp::logical_and, BinaryOp::logical_or};
constexpr std::array comparisons{CompareOp::equal, CompareOp::not_equal, CompareOp::less, CompareOp::less_equal};
constexpr std::array unary_functions{UnaryOp::absolute, UnaryOp::square_root, UnaryOp::floor, UnaryOp::ceil,
                                     UnaryOp::rarely};
constexpr std::array binary_functions{BinaryOp::minimum, BinaryOp::maximum, BinaryOp::bit_and, BinaryOp::bit_xor};
constexpr std::array math_functions{
    MathFunction::exp,  MathFunction::log,   MathFunction::sin,  MathFunction::cos,  MathFunction::tan,
    MathFunction::sinh, MathFunction::cosh,  MathFunction::tanh, MathFunction::asin, MathFunction::acos,
    MathFunction::atan, MathFunction::atan2, MathFunction::pow,
};

/// Builds a node; what the builder has against it is said for the place in the text.
template <class Build>
Expr built(const Token& place, const Build& build) {
  try {
    return build();
  } catch (const InternalError& error) {
    TokenReader::fail(place, error.message());
  }
}

std::optional<BinaryOp> binary_op_of(const Token& token) {
  if (token.kind != TokenKind::symbol) return {};
  for (const BinaryOp op : infix_operators) {
    if (infix_text(op)->symbol == token.text) return op;
  }
  return {};
}

std::optional<CompareOp> compare_op_of(const Token& token) {
  if (token.kind != TokenKind::symbol) return {};
  for (const CompareOp op : comparisons) {
    if (infix_text(op) == token.text) return op;
  }
  return {};
}

Precedence above(Precedence precedence) { return static_cast<Precedence>(static_cast<int>(precedence) + 1); }

std::optional<int> loop_dimension(std::string_view name) {
  if (name.size() < 2 || name.size() > 4 || name[0] != 'i') return {};
  int dimension = 0;
  for (const char c : name.substr(1)) {
    if (c < '0' || c > '9') return {};
    dimension = 10 * dimension + (c - '0');
  }
  if (name[1] == '0' && name.size() > 2) return {};
  return dimension;
}

std::optional<DType> type_named(std::string_view name) {
  const std::optional<DType> type = parse_dtype(name);
  return type && cppstencils::to_string(*type) == name ? type : std::nullopt;
}

std::optional<DType> reinterpreted_type(std::string_view name) {
  for (const DType type : {DType::int32, DType::int64, DType::uint32, DType::uint64, DType::float32, DType::float64}) {
    if (reinterpret_text(type) == name) return type;
  }
  return {};
}

/// The id of the only entry with this name.
template <class Entry>
std::uint32_t find_named(const std::vector<Entry>& entries, const Token& name, std::string_view what, char mark) {
  std::optional<std::uint32_t> found;
  for (std::uint32_t i = 0; i < entries.size(); ++i) {
    if (entries[i].name != name.text) continue;
    if (found) {
      TokenReader::fail(name, fmt::format("More than one {} has the name '{}'; refer to it as '{}{}'.", what, name.text,
                                          mark, *found));
    }
    found = i;
  }
  if (!found) TokenReader::fail(name, fmt::format("There is no {} '{}'.", what, name.text));
  return *found;
}

template <class Entry>
std::uint32_t find_numbered(const std::vector<Entry>& entries, TokenReader& reader, std::string_view what) {
  const Token place = reader.peek();
  const std::uint32_t number = reader.expect_small(fmt::format("the number of a {}", what), max_id);
  if (number >= entries.size()) TokenReader::fail(place, fmt::format("There is no {} number {}.", what, number));
  return number;
}

Expr infinity(DType type, Sign sign) {
  const double value = std::numeric_limits<double>::infinity();
  return float_constant(type, sign == Sign::minus ? -value : value);
}

}  // namespace

struct ExprParser::Nesting {
  explicit Nesting(ExprParser& parser) : parser_(parser) {
    if (++parser_.nesting_ <= max_nesting) return;
    --parser_.nesting_;
    TokenReader::fail(parser_.reader_.peek(), fmt::format("Expressions are nested more than {} deep.", max_nesting));
  }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;
  ~Nesting() { --parser_.nesting_; }

 private:
  ExprParser& parser_;
};

Expr ExprParser::infix(Precedence least) {
  const Nesting nesting(*this);
  Expr left = prefix();
  bool is_comparison = false;
  for (;;) {
    const Token token = reader_.peek();
    if (const std::optional<BinaryOp> op = binary_op_of(token)) {
      const Precedence precedence = infix_text(*op)->precedence;
      if (precedence < least) return left;
      reader_.take();
      const Expr right = infix(above(precedence));
      left = built(token, [&] { return binary(*op, left, right); });
      is_comparison = false;
    } else if (const std::optional<CompareOp> compared = compare_op_of(token)) {
      if (Precedence::compare < least) return left;
      if (is_comparison) TokenReader::fail(token, "Comparisons do not chain; write parentheses.");
      reader_.take();
      const Expr right = infix(above(Precedence::compare));
      left = built(token, [&] { return compare(*compared, left, right); });
      is_comparison = true;
    } else {
      return left;
    }
  }
}

Expr ExprParser::prefix() {
  const Token token = reader_.peek();
  if (reader_.accept("!")) {
    const Expr operand = primary();
    return built(token, [&] { return unary(UnaryOp::logical_not, operand); });
  }
  if (!reader_.accept("-")) return primary();
  if (reader_.peek().kind == TokenKind::number) return parse_number(reader_.take(), Sign::minus);
  const bool may_be_infinity = reader_.peek().kind == TokenKind::identifier;
  const Expr operand = primary();
  // The minus of an infinity is a part of the literal. A literal that is negated stands in parentheses.
  if (may_be_infinity && is_constant(operand) && operand.type() != DType::boolean) {
    for (const DType type : {DType::float32, DType::float64}) {
      if (operand == infinity(type, Sign::plus)) return infinity(type, Sign::minus);
    }
  }
  return built(token, [&] { return unary(UnaryOp::negate, operand); });
}

Expr ExprParser::primary() {
  const Token token = reader_.peek();
  switch (token.kind) {
    case TokenKind::number:
      return parse_number(reader_.take(), Sign::plus);
    case TokenKind::identifier:
      return word(reader_.take());
    case TokenKind::end:
      break;
    case TokenKind::symbol:
      if (reader_.accept("(")) {
        Expr inner = expression();
        reader_.expect(")");
        return inner;
      }
      if (reader_.accept(".")) return variable_reference(token, "");
      if (reader_.accept("$")) return scalar_reference();
      if (reader_.accept("@")) return shared_reference(token);
      if (reader_.at("%")) return access(buffer_reference());
      break;
  }
  reader_.expect(TokenKind::number, "an expression");
  TokenReader::fail(token, "Expected an expression.");
}

Expr ExprParser::word(const Token& name) {
  if (reader_.at("[") || reader_.at("@")) return access(buffer_named(name));
  if (reader_.accept("(")) return function(name);
  if (reader_.accept(".")) return variable_reference(name, name.text);
  if (name.text == "true") return bool_constant(true);
  if (name.text == "false") return bool_constant(false);
  if (name.text == "inf") return infinity(DType::float64, Sign::plus);
  if (name.text == "inf_f32") return infinity(DType::float32, Sign::plus);
  if (const std::optional<int> dimension = loop_dimension(name.text)) return loop_index(*dimension);
  TokenReader::fail(name, fmt::format("'{}' is no expression.", name.text));
}

Expr ExprParser::function(const Token& name) {
  if (name.text == "stride") {
    const BufferId id = buffer_reference();
    reader_.expect(",");
    const std::uint32_t axis = reader_.expect_small("an axis", 1000);
    reader_.expect(")");
    return stride(id, static_cast<int>(axis));
  }
  for (const DType type : {DType::float32, DType::float64}) {
    if (name.text != fmt::format("{}_bits", cppstencils::to_string(type))) continue;
    Expr literal = parse_float_bits(reader_.expect(TokenKind::number, "a hexadecimal number"), type);
    reader_.expect(")");
    return literal;
  }
  std::vector<Expr> operands{expression()};
  while (reader_.accept(",")) operands.push_back(expression());
  reader_.expect(")");
  std::optional<Expr> result = unary_function(name, operands);
  if (!result) result = other_function(name, operands);
  if (!result) TokenReader::fail(name, fmt::format("There is no function '{}'.", name.text));
  return *result;
}

std::optional<Expr> ExprParser::unary_function(const Token& name, const std::vector<Expr>& operands) {
  const std::optional<DType> type = type_named(name.text);
  const std::optional<DType> bits_type = reinterpreted_type(name.text);
  const auto op = std::find_if(unary_functions.begin(), unary_functions.end(),
                               [&](UnaryOp candidate) { return to_string(candidate) == name.text; });
  if (!type && !bits_type && op == unary_functions.end()) return {};
  if (operands.size() != 1) TokenReader::fail(name, fmt::format("'{}' takes 1 operand.", name.text));
  // A conversion to the same type is kept: the text says what the kernel holds.
  if (type) return built(name, [&] { return Expr(Node{.kind = Cast{operands[0]}, .type = *type}); });
  if (bits_type) return built(name, [&] { return reinterpret(*bits_type, operands[0]); });
  return built(name, [&] { return unary(*op, operands[0]); });
}

std::optional<Expr> ExprParser::other_function(const Token& name, const std::vector<Expr>& operands) {
  const auto needs = [&](std::size_t count) {
    if (operands.size() == count) return;
    TokenReader::fail(name, fmt::format("'{}' takes {} operands, not {}.", name.text, count, operands.size()));
  };
  for (const BinaryOp op : binary_functions) {
    if (to_string(op) != name.text) continue;
    needs(2);
    return built(name, [&] { return binary(op, operands[0], operands[1]); });
  }
  for (const MathFunction function : math_functions) {
    if (to_string(function) != name.text) continue;
    return built(name, [&] { return call(function, operands); });
  }
  if (name.text == "select") {
    needs(3);
    return built(name, [&] { return select(operands[0], operands[1], operands[2]); });
  }
  if (name.text == "fused_multiply_add") {
    needs(3);
    return built(name, [&] { return fused_multiply_add(operands[0], operands[1], operands[2]); });
  }
  return {};
}

Expr ExprParser::access(BufferId buffer) {
  const Token place = reader_.peek();
  const DType type = kernel_.buffer(buffer).dtype;
  if (reader_.accept("@")) {
    const Expr at = position();
    return built(place, [&] { return element_load(buffer, type, at); });
  }
  ElementText text = element();
  return built(place, [&] { return load(buffer, type, std::move(text.offsets), std::move(text.index)); });
}

Expr ExprParser::variable_reference(const Token& place, std::string_view name) {
  const VarId id{reader_.expect_small("the number of a variable", max_id)};
  const auto info = variables_.find(id);
  if (info == variables_.end() || info->second.name != name) {
    TokenReader::fail(place, fmt::format("There is no variable '{}.{}' here.", name, id.value));
  }
  return variable(id, info->second.dtype);
}

Expr ExprParser::scalar_reference() {
  const Token place = reader_.peek();
  const ScalarId id{
      place.kind == TokenKind::number
          ? find_numbered(kernel_.scalars, reader_, "scalar")
          : find_named(kernel_.scalars, reader_.expect(TokenKind::identifier, "the name of a scalar"), "scalar", '$')};
  return scalar_parameter(id, kernel_.scalar(id).dtype);
}

Expr ExprParser::shared_reference(const Token& place) {
  const std::uint32_t number = reader_.expect_small("the number of a sub-expression", max_id);
  if (number < shared_.size()) return shared_[number];
  TokenReader::fail(place, fmt::format("'@{}' has no line 'where @{} = ...' before this statement.", number, number));
}

BufferId ExprParser::buffer_named(const Token& name) {
  return BufferId{find_named(kernel_.buffers, name, "buffer", '%')};
}

BufferId ExprParser::buffer_reference() {
  if (reader_.accept("%")) return BufferId{find_numbered(kernel_.buffers, reader_, "buffer")};
  return buffer_named(reader_.expect(TokenKind::identifier, "the name of a buffer"));
}

ReductionId ExprParser::reduction_reference() {
  if (reader_.accept("%")) return ReductionId{find_numbered(kernel_.reductions, reader_, "reduction")};
  return ReductionId{find_named(kernel_.reductions, reader_.expect(TokenKind::identifier, "the name of a reduction"),
                                "reduction", '%')};
}

ElementText ExprParser::element() {
  ElementText text;
  reader_.expect("[");
  text.offsets = integers("]");
  if (reader_.accept("(")) text.index = integers(")");
  return text;
}

Expr ExprParser::position() {
  reader_.expect("(");
  Expr result = expression();
  reader_.expect(")");
  return result;
}

std::vector<std::int64_t> ExprParser::integers(std::string_view closing) {
  std::vector<std::int64_t> values;
  if (reader_.accept(closing)) return values;
  do {
    values.push_back(reader_.expect_integer("an integer"));
  } while (reader_.accept(","));
  reader_.expect(closing);
  return values;
}

void ExprParser::define_shared() {
  const Token place = reader_.expect("@");
  const std::uint32_t number = reader_.expect_small("the number of a sub-expression", max_id);
  if (number != shared_.size()) TokenReader::fail(place, fmt::format("Expected '@{}'.", shared_.size()));
  reader_.expect("=");
  shared_.push_back(expression());
}

}  // namespace cppstencils::ir
