#include <charconv>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sym/operands.hpp"

namespace cppstencils {

namespace {

using sym::exact;
using sym::is_exactly;

// How strongly an operator binds; an operand that binds weaker gets parentheses.
enum class Binding : std::uint8_t { any, logical_or, logical_and, logical_not, relation, sum, product, power, atom };

std::string float_text(double value) {
  char buffer[64];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  std::string text(buffer, end);
  (void)error;  // 64 characters are enough for every double
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

// The expression without its leading sign, if it has one.
std::optional<Expr> without_sign(const Expr& expr) {
  const auto* product = get_if<sym::Product>(expr);
  const Expr& leading = product != nullptr ? product->factors.front() : expr;
  const auto* number = exact(leading);
  if (number == nullptr || number->numerator >= 0) return std::nullopt;
  return -expr;
}

class Printer {
 public:
  // The text of `expr`, in parentheses where it binds weaker than `needed`.
  std::string operator()(const Expr& expr, Binding needed) const {
    auto [text, binding] = print(expr);
    return binding < needed ? fmt::format("({})", text) : text;
  }

 private:
  using Printed = std::pair<std::string, Binding>;

  Printed print(const Expr& expr) const {
    return match(
        expr, [](const sym::Number& number) { return number_text(number); },
        [](const sym::Float& number) {
          return Printed{float_text(number.value), number.value < 0 ? Binding::sum : Binding::atom};
        },
        [](const sym::Boolean& truth) {
          return Printed{truth.value ? "true" : "false", Binding::atom};
        },
        [](const sym::SymbolAtom& symbol) {
          return Printed{symbol.name, Binding::atom};
        },
        [](const sym::Access& access) {
          std::string text = fmt::format("{}[{}]", access.field->name, fmt::join(access.offsets, ","));
          if (!access.index.empty()) text += fmt::format("({})", fmt::join(access.index, ","));
          return Printed{text, Binding::atom};
        },
        [](const sym::Coordinate& coordinate) {
          return Printed{fmt::format("coordinate({})", coordinate.dimension), Binding::atom};
        },
        [&](const sym::Sum& sum) {
          return Printed{sum_text(sum), Binding::sum};
        },
        [&](const sym::Product& product) { return product_text(product); },
        [&](const sym::Power& power) { return power_text(power); },
        [&](const sym::Call& call) {
          return Printed{fmt::format("{}({})", to_string(call.function), list(call.arguments)), Binding::atom};
        },
        [&](const sym::Comparison& comparison) {
          return Printed{fmt::format("{} {} {}", (*this)(comparison.left, Binding::sum), to_string(comparison.relation),
                                     (*this)(comparison.right, Binding::sum)),
                         Binding::relation};
        },
        [&](const sym::Logical& logical) { return logical_text(logical); },
        [&](const sym::Select& select) {
          return Printed{fmt::format("select({})", list({select.condition, select.if_true, select.if_false})),
                         Binding::atom};
        },
        [&](const sym::Cast& cast) {
          return Printed{fmt::format("{}({})", to_string(cast.dtype), (*this)(cast.argument, Binding::any)),
                         Binding::atom};
        });
  }

  static Printed number_text(const sym::Number& number) {
    const std::string text = number.denominator == 1 ? fmt::format("{}", number.numerator)
                                                     : fmt::format("{}/{}", number.numerator, number.denominator);
    if (number.numerator < 0) return {text, Binding::sum};
    return {text, number.denominator == 1 ? Binding::atom : Binding::product};
  }

  std::string list(const std::vector<Expr>& arguments) const {
    std::string text;
    for (const Expr& argument : arguments) {
      if (!text.empty()) text += ", ";
      text += (*this)(argument, Binding::any);
    }
    return text;
  }

  std::string sum_text(const sym::Sum& sum) const {
    std::string text;
    for (const Expr& term : sum.terms) {
      if (text.empty()) {
        const auto positive = without_sign(term);
        text = positive ? "-" + (*this)(*positive, Binding::product) : (*this)(term, Binding::product);
      } else if (const auto positive = without_sign(term)) {
        text += " - " + (*this)(*positive, Binding::product);
      } else {
        text += " + " + (*this)(term, Binding::product);
      }
    }
    return text;
  }

  // Multiplications and divisions from left to right, as they are evaluated.
  Printed product_text(const sym::Product& product) const {
    if (const auto* number = exact(product.factors.front()); number != nullptr && number->numerator < 0) {
      const Expr positive = -Expr(sym::Node{product});
      return {"-" + (*this)(positive, Binding::product), Binding::sum};
    }
    std::string text;
    for (const Expr& factor : product.factors) {
      if (text.empty()) {
        text = (*this)(factor, Binding::product);
        continue;
      }
      const auto* number = exact(factor);
      const auto* power = get_if<sym::Power>(factor);
      const auto* exponent = power != nullptr ? exact(power->exponent) : nullptr;
      if (number != nullptr && number->numerator == 1 && number->denominator != 1) {
        text += fmt::format("/{}", number->denominator);
      } else if (exponent != nullptr && exponent->numerator < 0) {
        text += "/" + (*this)(pow(power->base, -power->exponent), Binding::power);
      } else {
        text += "*" + (*this)(factor, Binding::power);
      }
    }
    return {text, Binding::product};
  }

  Printed power_text(const sym::Power& power) const {
    if (const auto* exponent = exact(power.exponent); exponent != nullptr && exponent->numerator < 0) {
      return {"1/" + (*this)(pow(power.base, -power.exponent), Binding::power), Binding::product};
    }
    return {fmt::format("{}**{}", (*this)(power.base, Binding::atom), (*this)(power.exponent, Binding::atom)),
            Binding::power};
  }

  Printed logical_text(const sym::Logical& logical) const {
    switch (logical.connective) {
      case Connective::logical_not:
        return {"not " + (*this)(logical.arguments.front(), Binding::logical_not), Binding::logical_not};
      case Connective::logical_and:
        return {chain(logical.arguments, " and ", Binding::logical_not), Binding::logical_and};
      case Connective::logical_or:
        return {chain(logical.arguments, " or ", Binding::logical_and), Binding::logical_or};
    }
    return {};
  }

  std::string chain(const std::vector<Expr>& arguments, std::string_view separator, Binding needed) const {
    std::string text;
    for (const Expr& argument : arguments) {
      if (!text.empty()) text += separator;
      text += (*this)(argument, needed);
    }
    return text;
  }
};

}  // namespace

std::string to_string(const Expr& expr) { return Printer()(expr, Binding::any); }
std::ostream& operator<<(std::ostream& stream, const Expr& expr) { return stream << to_string(expr); }

}  // namespace cppstencils
