#include "sym/to_string.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <ostream>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sym/number.hpp"

namespace cppstencils {

namespace {

using sym::exact;

// How strongly an operator binds; an operand that binds weaker than its place asks for gets parentheses.
// A leading minus binds like a sum: -a*b is -(a*b).
enum class Binding : std::uint8_t { any, logical_or, logical_and, logical_not, sum, product, power, atom };

std::string float_text(double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  std::string text(buffer, end);
  // "2" would read as an exact number.
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

// The expression without its leading minus, if it has one.
std::optional<Expr> without_sign(const Expr& expr) {
  if (const auto* number = get_if<sym::Float>(expr)) {
    return std::signbit(number->value) ? std::optional(-expr) : std::nullopt;
  }
  const auto* product = get_if<sym::Product>(expr);
  const auto* number = exact(product != nullptr ? product->factors.front() : expr);
  // The smallest integer has no positive counterpart.
  if (number == nullptr || number->numerator >= 0 || number->numerator == std::numeric_limits<std::int64_t>::min()) {
    return std::nullopt;
  }
  return -expr;
}

/// Writes expressions with a stack of its own, so that the call stack stays small, and stops at a length.
class Printer {
 public:
  explicit Printer(std::size_t max_length) : max_length_(max_length) {}

  std::string operator()(const Expr& expr) {
    place(expr, Binding::any);
    while (!waiting_.empty() && text_.size() <= max_length_) {
      const Piece piece = std::move(waiting_.back());
      waiting_.pop_back();
      if (const auto* text = std::get_if<std::string>(&piece)) {
        text_ += *text;
      } else {
        const auto& [operand, needed] = std::get<Operand>(piece);
        write(operand, needed);
      }
    }
    return std::move(text_);
  }

 private:
  using Operand = std::pair<Expr, Binding>;
  using Piece = std::variant<std::string, Operand>;

  void place(std::string text) { waiting_.emplace_back(std::move(text)); }
  void place(const Expr& expr, Binding needed) { waiting_.emplace_back(Operand(expr, needed)); }

  // Puts the pieces of an expression on the stack, the first one on top.
  void write(const Expr& expr, Binding needed) {
    const std::size_t start = waiting_.size();
    const Binding binding = place_pieces(expr);
    if (binding < needed) {
      waiting_.insert(waiting_.begin() + static_cast<std::ptrdiff_t>(start), std::string("("));
      place(")");
    }
    std::reverse(waiting_.begin() + static_cast<std::ptrdiff_t>(start), waiting_.end());
  }

  // Places the pieces in reading order and returns how strongly the whole binds.
  Binding place_pieces(const Expr& expr) {
    return match(
        expr, [&](const sym::Number& number) { return number_pieces(number); },
        [&](const sym::Float& number) {
          place(float_text(number.value));
          return std::signbit(number.value) ? Binding::sum : Binding::atom;
        },
        [&](const sym::Boolean& truth) { return atom(truth.value ? "true" : "false"); },
        [&](const sym::SymbolAtom& symbol) { return atom(symbol.name); },
        [&](const sym::Access& access) {
          place(fmt::format("{}[{}]", access.field->name, fmt::join(access.offsets, ",")));
          if (!access.index.empty()) place(fmt::format("({})", fmt::join(access.index, ",")));
          return Binding::atom;
        },
        [&](const sym::Coordinate& coordinate) { return atom(fmt::format("coordinate({})", coordinate.dimension)); },
        [&](const sym::Sum& sum) { return sum_pieces(sum); },
        [&](const sym::Product& product) { return product_pieces(expr, product); },
        [&](const sym::Power& power) { return power_pieces(power); },
        [&](const sym::Call& call) { return call_pieces(to_string(call.function), call.arguments); },
        [&](const sym::Comparison& comparison) {
          place(comparison.left, Binding::sum);
          place(fmt::format(" {} ", to_string(comparison.relation)));
          place(comparison.right, Binding::sum);
          return Binding::logical_not;
        },
        [&](const sym::Logical& logical) { return logical_pieces(logical); },
        [&](const sym::Select& select) {
          return call_pieces("select", {select.condition, select.if_true, select.if_false});
        },
        [&](const sym::Cast& cast) { return call_pieces(to_string(cast.dtype), {cast.argument}); },
        [&](const sym::RandomNumber& random) { return random_pieces(random); });
  }

  Binding atom(std::string text) {
    place(std::move(text));
    return Binding::atom;
  }

  Binding number_pieces(const sym::Number& number) {
    place(sym::to_string(number));
    if (number.numerator < 0) return Binding::sum;
    return sym::is_integer(number) ? Binding::atom : Binding::product;
  }

  // Offsets and periods that are zero are left out at the end.
  Binding random_pieces(const sym::RandomNumber& random) {
    std::vector<Expr> arguments = random.arguments;
    while (arguments.size() > 3 && arguments.back() == Expr(0)) arguments.pop_back();
    return call_pieces(fmt::format("random_{}_{}", to_string(random.dtype), random.position), arguments);
  }

  Binding call_pieces(std::string_view name, const std::vector<Expr>& arguments) {
    place(std::string(name) + "(");
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (i > 0) place(", ");
      place(arguments[i], Binding::any);
    }
    place(")");
    return Binding::atom;
  }

  Binding sum_pieces(const sym::Sum& sum) {
    for (std::size_t i = 0; i < sum.terms.size(); ++i) {
      const std::optional<Expr> positive = without_sign(sum.terms[i]);
      place(positive ? (i == 0 ? "-" : " - ") : (i == 0 ? "" : " + "));
      place(positive ? *positive : sum.terms[i], Binding::product);
    }
    return Binding::sum;
  }

  // Multiplications and divisions from left to right, as they are evaluated.
  Binding product_pieces(const Expr& expr, const sym::Product& product) {
    if (exact(product.factors.front()) != nullptr) {
      if (const std::optional<Expr> positive = without_sign(expr)) {
        place("-");
        place(*positive, Binding::product);
        return Binding::sum;
      }
    }
    const bool nested = get_if<sym::Product>(product.factors.front()) != nullptr;
    place(product.factors.front(), nested ? Binding::power : Binding::product);
    for (std::size_t i = 1; i < product.factors.size(); ++i) {
      const Expr& factor = product.factors[i];
      const auto* number = exact(factor);
      const auto* power = get_if<sym::Power>(factor);
      if (number != nullptr && number->numerator == 1 && !sym::is_integer(*number)) {
        place(fmt::format("/{}", number->denominator));
      } else if (power != nullptr && divides(*power)) {
        place("/");
        place_divisor(*power);
      } else {
        place("*");
        place(factor, Binding::power);
      }
    }
    return Binding::product;
  }

  Binding power_pieces(const sym::Power& power) {
    if (divides(power)) {
      place("1/");
      place_divisor(power);
      return Binding::product;
    }
    place(power.base, Binding::atom);
    place("**");
    place(power.exponent, Binding::atom);
    return Binding::power;
  }

  // True if the power is written as a division, 1/x**2 for x**-2.
  static bool divides(const sym::Power& power) {
    const auto* exponent = exact(power.exponent);
    if (exponent == nullptr || exponent->numerator >= 0) return false;
    if (exponent->numerator == std::numeric_limits<std::int64_t>::min()) return false;
    // Division has rules of its own: 1/(x**2) is x**-2 and 1/(-x) is -(1/x). Unlike them, (x**2)**(-1) and (-x)**(-1)
    // are written as they are.
    return !sym::is_exactly(power.exponent, -1) || 1 / power.base == Expr(sym::Node{power});
  }

  // The x**2 of 1/x**2.
  void place_divisor(const sym::Power& power) { place(pow(power.base, -power.exponent), Binding::power); }

  Binding logical_pieces(const sym::Logical& logical) {
    switch (logical.connective) {
      case Connective::logical_not:
        place("not ");
        place(logical.arguments.front(), Binding::atom);
        return Binding::logical_not;
      case Connective::logical_and:
        chain_pieces(logical.arguments, " and ");
        return Binding::logical_and;
      case Connective::logical_or:
        chain_pieces(logical.arguments, " or ");
        return Binding::logical_or;
    }
    return Binding::atom;
  }

  void chain_pieces(const std::vector<Expr>& arguments, std::string_view separator) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (i > 0) place(std::string(separator));
      place(arguments[i], Binding::logical_not);
    }
  }

  std::size_t max_length_;
  std::vector<Piece> waiting_;
  std::string text_;
};

}  // namespace

std::string sym::short_text(const Expr& expr, std::size_t max_length) {
  constexpr std::string_view ellipsis = " ...";
  std::string text = Printer(max_length)(expr);
  if (text.size() > max_length) text.replace(max_length - ellipsis.size(), std::string::npos, ellipsis);
  return text;
}

std::string to_string(const Expr& expr) { return Printer(std::numeric_limits<std::size_t>::max())(expr); }
std::ostream& operator<<(std::ostream& stream, const Expr& expr) { return stream << to_string(expr); }

}  // namespace cppstencils
