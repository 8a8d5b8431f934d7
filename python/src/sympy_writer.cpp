#include "sympy_writer.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cmath>
#include <utility>
#include <variant>

#include "cppstencils/support/error.hpp"

namespace nb = nanobind;

namespace cppstencils::python {

namespace {

const char* sympy_name(Function function) {
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
      return "Abs";
    case Function::floor:
      return "floor";
    case Function::ceil:
      return "ceiling";
    case Function::min:
      return "Min";
    case Function::max:
      return "Max";
  }
  CPPSTENCILS_CHECK(false, "Every function has a name in SymPy.");
  return "";
}

const char* sympy_name(Relation relation) {
  switch (relation) {
    case Relation::equal:
      return "Eq";
    case Relation::not_equal:
      return "Ne";
    case Relation::less:
      return "Lt";
    case Relation::less_equal:
      return "Le";
    case Relation::greater:
      return "Gt";
    case Relation::greater_equal:
      return "Ge";
  }
  CPPSTENCILS_CHECK(false, "Every relation has a name in SymPy.");
  return "";
}

const char* sympy_name(Connective connective) {
  switch (connective) {
    case Connective::logical_and:
      return "And";
    case Connective::logical_or:
      return "Or";
    case Connective::logical_not:
      return "Not";
  }
  CPPSTENCILS_CHECK(false, "Every connective has a name in SymPy.");
  return "";
}

}  // namespace

SympyWriter::SympyWriter(const std::unordered_map<std::string, nb::object>& fields,
                         const std::unordered_map<std::string, nb::object>& symbols)
    : sympy_(nb::module_::import_("sympy")),
      symbols_(nb::module_::import_("cppstencils.sympyextensions.typed_symbols")),
      fields_(fields),
      known_symbols_(symbols) {}

nb::object SympyWriter::write(const Expr& expr) {
  if (const auto found = known_.find(&expr.node()); found != known_.end()) return found->second;
  nb::object result = write_new(expr);
  known_.emplace(&expr.node(), result);
  return result;
}

nb::object SympyWriter::write_all(const char* constructor, const std::vector<Expr>& operands) {
  nb::list written;
  for (const Expr& operand : operands) written.append(write(operand));
  return sympy_.attr(constructor)(*written);
}

// A chain of choices is one Piecewise. SymPy's values are numbers there; truth values are chosen with ITE.
nb::object SympyWriter::write_select(const sym::Select& select) {
  const nb::module_ logic = nb::module_::import_("sympy.logic.boolalg");
  bool chooses_truth = false;
  const auto write_value = [&](const Expr& expr) {
    nb::object value = write(expr);
    chooses_truth |= nb::isinstance(value, logic.attr("Boolean")) && !nb::isinstance(value, sympy_.attr("Expr"));
    return value;
  };
  std::vector<std::pair<nb::object, nb::object>> pieces;
  const sym::Select* last = &select;
  pieces.emplace_back(write_value(last->if_true), write(last->condition));
  while (const auto* const next = std::get_if<sym::Select>(&last->if_false.node().kind)) {
    last = next;
    pieces.emplace_back(write_value(last->if_true), write(last->condition));
  }
  nb::object rest = write_value(last->if_false);
  if (chooses_truth) {
    for (auto piece = pieces.rbegin(); piece != pieces.rend(); ++piece) {
      rest = sympy_.attr("ITE")(piece->second, piece->first, rest);
    }
    return rest;
  }
  nb::list arguments;
  for (const auto& [value, condition] : pieces) arguments.append(nb::make_tuple(value, condition));
  arguments.append(nb::make_tuple(rest, true));
  return sympy_.attr("Piecewise")(*arguments);
}

nb::object SympyWriter::write_new(const Expr& expr) {
  return match(
      expr,
      [&](const sym::Number& number) -> nb::object {
        return sympy_.attr("Rational")(number.numerator, number.denominator);
      },
      [&](const sym::Float& number) -> nb::object {
        if (std::isinf(number.value)) return nb::object(number.value > 0 ? sympy_.attr("oo") : -sympy_.attr("oo"));
        return sympy_.attr("Float")(number.value);
      },
      [&](const sym::Boolean& boolean) -> nb::object { return sympy_.attr(boolean.value ? "true" : "false"); },
      [&](const sym::SymbolAtom& symbol) -> nb::object {
        const auto found = known_symbols_.find(symbol.name);
        if (found != known_symbols_.end()) return found->second;
        if (!symbol.dtype) return sympy_.attr("Symbol")(symbol.name);
        return symbols_.attr("TypedSymbol")(symbol.name, std::string(to_string(*symbol.dtype)));
      },
      [&](const sym::Access& access) -> nb::object {
        const auto found = fields_.find(access.field->name);
        CPPSTENCILS_CHECK(found != fields_.end(), "Only fields that have been read are written.");
        return found->second.attr("access")(nb::tuple(nb::cast(access.offsets)), nb::tuple(nb::cast(access.index)));
      },
      [&](const sym::Coordinate& coordinate) -> nb::object {
        return symbols_.attr("SpatialCounter")(coordinate.dimension);
      },
      [&](const sym::Sum& sum) { return write_all("Add", sum.terms); },
      [&](const sym::Product& product) { return write_all("Mul", product.factors); },
      [&](const sym::Power& power) {
        return write_all("Pow", {power.base, power.exponent});
      },
      [&](const sym::Call& call) { return write_all(sympy_name(call.function), call.arguments); },
      [&](const sym::Comparison& comparison) {
        return write_all(sympy_name(comparison.relation), {comparison.left, comparison.right});
      },
      [&](const sym::Logical& logical) { return write_all(sympy_name(logical.connective), logical.arguments); },
      [&](const sym::Select& select) { return write_select(select); },
      [&](const sym::Cast& cast) -> nb::object {
        return symbols_.attr("tcast")(write(cast.argument), std::string(to_string(cast.dtype)));
      },
      [&](const sym::RandomNumber& random) -> nb::object {
        nb::list arguments;
        for (const Expr& argument : random.arguments) arguments.append(write(argument));
        return nb::module_::import_("cppstencils.random")
            .attr("RandomNumber")(std::string(to_string(random.dtype)), random.position, *arguments);
      });
}

}  // namespace cppstencils::python
