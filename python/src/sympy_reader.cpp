#include "sympy_reader.hpp"

#include <fmt/format.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cmath>

#include "cppstencils/support/error.hpp"
#include "cppstencils/sym/random.hpp"
#include "sympy_kinds.hpp"

namespace nb = nanobind;

namespace cppstencils::python {

namespace {

constexpr int max_depth = 2 * static_cast<int>(max_expression_depth);

std::string text_of(nb::handle value) {
  constexpr std::size_t max_length = 120;
  const nb::object written = nb::steal(PyObject_Str(value.ptr()));
  if (!written.is_valid()) {  // Python refuses to print very long numbers
    PyErr_Clear();
    return "...";
  }
  std::string text = nb::cast<std::string>(written);
  if (text.size() <= max_length) return text;
  // Not in the middle of a character.
  std::size_t end = max_length - 4;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + " ...";
}

[[noreturn]] void fail_expression(nb::handle expr, std::string hint) {
  throw ExpressionError({.code = ErrorCode::invalid_expression,
                         .message = fmt::format("A kernel cannot evaluate '{}', an object of type '{}'.", text_of(expr),
                                                Py_TYPE(expr.ptr())->tp_name),
                         .hints = {std::move(hint)}});
}

// The integer if it fits into 64 bits.
std::optional<std::int64_t> int64_of(nb::handle number) {
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
  if (value == -1 && PyErr_Occurred() != nullptr) throw nb::python_error();
  return overflow == 0 ? std::optional<std::int64_t>(value) : std::nullopt;
}

double double_of(nb::handle number) {
  const nb::object value = nb::steal(PyNumber_Float(number.ptr()));
  if (!value.is_valid()) throw nb::python_error();
  return PyFloat_AS_DOUBLE(value.ptr());
}

// The float64 next to p/q. Python divides its integers with one rounding, whatever their size.
double quotient_of(nb::handle number, const nb::object& p, const nb::object& q) {
  const nb::object value = nb::steal(PyNumber_TrueDivide(p.ptr(), q.ptr()));
  if (value.is_valid()) return PyFloat_AS_DOUBLE(value.ptr());
  if (PyErr_ExceptionMatches(PyExc_OverflowError) == 0) throw nb::python_error();
  PyErr_Clear();
  throw ExpressionError({.code = ErrorCode::number_overflow,
                         .message = fmt::format("The number {} is larger than any float64.", text_of(number)),
                         .hints = {"Scale the equation, or write sympy.oo if infinity is meant."}});
}

Expr rational_expr(nb::handle number) {
  const nb::object p = number.attr("p");
  const nb::object q = number.attr("q");
  const std::optional<std::int64_t> numerator = int64_of(p);
  const std::optional<std::int64_t> denominator = int64_of(q);
  if (numerator && denominator) return rational(*numerator, *denominator);
  return quotient_of(number, p, q);
}

Expr float_expr(nb::handle number) {
  constexpr int bits_of_float64 = 53;
  if (nb::cast<std::int64_t>(number.attr("_prec")) <= bits_of_float64) {
    const double value = double_of(number);
    if (std::isfinite(value)) return value;
  }
  const nb::object exact = nb::module_::import_("sympy").attr("Rational")(number);
  return quotient_of(number, exact.attr("p"), exact.attr("q"));
}

bool is_number(const SympyClass* found) {
  return found != nullptr && (found->kind == SympyKind::integer || found->kind == SympyKind::rational);
}

// A rational number p/q.
struct Fraction {
  std::int64_t p = 0;
  std::int64_t q = 1;
  bool operator==(const Fraction&) const = default;
};

std::optional<Fraction> fraction_of(nb::handle expr) {
  if (!is_number(sympy_classes().find(expr))) return {};
  const std::optional<std::int64_t> p = int64_of(nb::object(expr.attr("p")));
  const std::optional<std::int64_t> q = int64_of(nb::object(expr.attr("q")));
  if (!p || !q || *p == INT64_MIN) return {};
  return Fraction{*p, *q};
}

nb::tuple args_of(nb::handle expr) { return nb::borrow<nb::tuple>(expr.attr("args")); }

bool is_identifier(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is_letter(c) || is_digit(c); });
}

}  // namespace

Expr SympyReader::read(nb::handle expr) {
  if (const auto found = known_.find(expr.ptr()); found != known_.end()) return found->second;
  if (++depth_ > max_depth) {
    depth_ = 0;
    throw ExpressionError({.code = ErrorCode::expression_too_deep,
                           .message = fmt::format("The expression is nested more than {} levels deep.", max_depth),
                           .hints = {"Name parts of it as sub-expressions."}});
  }
  Expr result = read_new(expr);
  --depth_;
  known_.emplace(expr.ptr(), result);
  kept_.push_back(nb::borrow(expr));
  return result;
}

std::vector<Expr> SympyReader::read_arguments(nb::handle expr) {
  std::vector<Expr> arguments;
  for (const nb::handle argument : args_of(expr)) arguments.push_back(read(argument));
  return arguments;
}

Expr SympyReader::read_new(nb::handle expr) {
  const SympyClass* const found = sympy_classes().find(expr);
  if (found == nullptr) {
    if (std::string_view(Py_TYPE(expr.ptr())->tp_name) == "Diff") {
      fail_expression(expr,
                      "Replace derivatives by differences first, for example with cppstencils.fd.discretize_spatial.");
    }
    fail_expression(expr,
                    "Kernels know + - * / **, sqrt, exp, log, the trigonometric and hyperbolic functions, Abs, floor, "
                    "ceiling, sign, Min, Max, comparisons, And, Or, Not, Piecewise and tcast.");
  }
  switch (found->kind) {
    case SympyKind::integer:
    case SympyKind::rational:
      return rational_expr(expr);
    case SympyKind::floating:
      return float_expr(expr);
    case SympyKind::constant:
      return double_of(expr);
    case SympyKind::boolean:
      return PyObject_IsTrue(expr.ptr()) == 1;
    case SympyKind::symbol:
      return read_symbol(expr);
    case SympyKind::access:
      return read_access(expr);
    case SympyKind::coordinate:
      return coordinate(nb::cast<int>(expr.attr("dimension")));
    case SympyKind::sum:
      return read_sum(expr);
    case SympyKind::product:
      return read_factors(args_of(expr), 0);
    case SympyKind::power: {
      const nb::tuple args = args_of(expr);
      return read_power(args[0], args[1]);
    }
    case SympyKind::function:
      return call(*found->function, read_arguments(expr));
    case SympyKind::relation: {
      const std::vector<Expr> sides = read_arguments(expr);
      return relation(*found->relation, sides.at(0), sides.at(1));
    }
    case SympyKind::connective: {
      const std::vector<Expr> operands = read_arguments(expr);
      Expr result = operands.at(0);
      if (*found->connective == Connective::logical_not) return !result;
      for (std::size_t i = 1; i < operands.size(); ++i) {
        result = *found->connective == Connective::logical_and ? result && operands[i] : result || operands[i];
      }
      return result;
    }
    case SympyKind::piecewise:
      return read_piecewise(expr);
    case SympyKind::if_then_else: {
      const std::vector<Expr> parts = read_arguments(expr);
      return select(parts.at(0), parts.at(1), parts.at(2));
    }
    case SympyKind::sign: {
      const Expr x = read(args_of(expr)[0]);
      return select(x > 0, 1, select(x < 0, -1, 0));
    }
    case SympyKind::random: {
      const nb::tuple args = args_of(expr);
      std::vector<Expr> arguments;
      for (std::size_t i = 2; i < args.size(); ++i) arguments.push_back(read(args[i]));
      return sym::random_number(read_dtype(expr.attr("dtype")), nb::cast<int>(expr.attr("position")),
                                std::move(arguments));
    }
    case SympyKind::cast: {
      const nb::tuple args = args_of(expr);
      return cast(read_dtype(expr.attr("dtype")), read(args[0]));
    }
  }
  CPPSTENCILS_CHECK(false, "Every kind of SymPy object is read.");
  return {};
}

DType SympyReader::read_dtype(nb::handle dtype) const {
  const std::string name = nb::cast<std::string>(dtype.attr("name"));
  if (name == "numeric") return options_.default_dtype;
  if (name == "index") return options_.index_dtype;
  const std::optional<DType> known = parse_dtype(name);
  CPPSTENCILS_CHECK(known.has_value(), "The types of the Python package are those of the engine.");
  return *known;
}

std::string SympyReader::name_for(nb::handle symbol) {
  const std::string written = nb::cast<std::string>(symbol.attr("name"));
  const bool is_dummy = nb::hasattr(symbol, "dummy_index");
  if (!is_dummy && is_identifier(written)) {
    if (made_names_.contains(written)) conflicts_.insert(written);
    symbols_.emplace(written, nb::borrow(symbol));
    return written;
  }
  std::string key = written;
  if (is_dummy) key += '\0' + nb::cast<std::string>(nb::str(nb::object(symbol.attr("dummy_index"))));
  if (const auto found = made_name_of_.find(key); found != made_name_of_.end()) return found->second;
  std::string name;
  for (const char c : written) {
    const bool plain = is_identifier(std::string_view(&c, 1)) || (c >= '0' && c <= '9');
    if (plain) {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  if (!is_identifier(name)) name = "s_" + name;
  int count = 0;
  std::string candidate = is_dummy ? fmt::format("{}_{}", name, count) : name;
  while (symbols_.contains(candidate) || fields_.contains(candidate) || taken_.contains(candidate)) {
    candidate = fmt::format("{}_{}", name, ++count);
  }
  symbols_.emplace(candidate, nb::borrow(symbol));
  made_names_.insert(candidate);
  made_name_of_.emplace(std::move(key), candidate);
  if (!is_dummy) renamed_.emplace(written, candidate);
  return candidate;
}

Expr SympyReader::read_symbol(nb::handle symbol) {
  const std::string name = name_for(symbol);
  const nb::object dtype = nb::steal(PyObject_GetAttrString(symbol.ptr(), "dtype"));
  if (!dtype.is_valid()) {
    if (PyErr_ExceptionMatches(PyExc_AttributeError) == 0) throw nb::python_error();
    PyErr_Clear();
    return Symbol(name);
  }
  return Symbol(name, read_dtype(dtype));
}

Expr SympyReader::read_access(nb::handle access) {
  const nb::object python_field = access.attr("field");
  const std::string name = nb::cast<std::string>(python_field.attr("name"));
  auto found = fields_.find(name);
  if (found == fields_.end() || !python_fields_.at(name).is(python_field)) {
    if (made_names_.contains(name)) conflicts_.insert(name);
    const nb::object shape = python_field.attr("fixed_shape");
    FieldOptions options{.dtype = read_dtype(python_field.attr("dtype")),
                         .index_shape = nb::cast<std::vector<std::int64_t>>(python_field.attr("index_shape")),
                         .layout = Layout(nb::cast<std::vector<int>>(python_field.attr("layout")))};
    if (!shape.is_none()) options.shape = nb::cast<std::vector<std::int64_t>>(shape);
    Field field(name, nb::cast<int>(python_field.attr("spatial_dimensions")), options);
    found = fields_.insert_or_assign(name, std::move(field)).first;
    python_fields_.insert_or_assign(name, python_field);
  }
  const auto offsets = nb::cast<std::vector<std::int64_t>>(access.attr("offsets"));
  const auto index = nb::cast<std::vector<std::int64_t>>(access.attr("index"));
  return found->second.at(offsets).at_index(index).expr();
}

// Adds the terms with the same rational factor before they are multiplied with it: SymPy has written (a + b)/4 as
// a/4 + b/4. A group stands where its first term stood.
Expr SympyReader::read_sum(nb::handle expr) {
  struct Group {
    Fraction factor;  // positive
    std::vector<Expr> terms;
  };
  std::vector<Group> groups;
  const auto join = [&](Fraction factor, const Expr& term) {
    const bool negative = factor.p < 0;
    if (negative) factor.p = -factor.p;
    const Expr signed_term = negative ? -term : term;
    if (!(factor == Fraction{1, 1})) {
      for (Group& group : groups) {
        if (group.factor == factor) {
          group.terms.push_back(signed_term);
          return;
        }
      }
    }
    groups.push_back({factor, {signed_term}});
  };
  for (const nb::handle term : args_of(expr)) {
    const SympyClass* const found = sympy_classes().find(term);
    if (found != nullptr && found->kind == SympyKind::product) {
      const nb::tuple factors = args_of(term);
      if (const std::optional<Fraction> factor = fraction_of(factors[0]); factor && factor->p != 0) {
        join(*factor, read_factors(factors, 1));
        continue;
      }
    }
    join({1, 1}, read(term));
  }
  std::vector<Expr> terms;
  for (const Group& group : groups) {
    const Expr total = group.terms.size() == 1 ? group.terms.front() : sum(group.terms);
    terms.push_back(group.factor == Fraction{1, 1} ? total : rational(group.factor.p, group.factor.q) * total);
  }
  return sum(terms);
}

// c * x * y**-1 * z**-2 is c*x / (y * z**2): one division, and none is written as a multiplication with a reciprocal.
Expr SympyReader::read_factors(const nb::tuple& factors, std::size_t first) {
  std::vector<Expr> numerator;
  std::vector<Expr> denominator;
  for (std::size_t i = first; i < factors.size(); ++i) {
    const nb::handle factor = factors[i];
    const SympyClass* const found = sympy_classes().find(factor);
    if (found != nullptr && found->kind == SympyKind::power) {
      const nb::tuple args = args_of(factor);
      const std::optional<Fraction> exponent = fraction_of(args[1]);
      if (exponent && exponent->p < 0) {
        denominator.push_back(read_power(args[0], nb::object(-nb::borrow(args[1]))));
        continue;
      }
    }
    numerator.push_back(read(factor));
  }
  const Expr top = product(numerator);
  return denominator.empty() ? top : top / product(denominator);
}

Expr SympyReader::read_power(nb::handle base, nb::handle exponent) {
  constexpr std::int64_t max_half_power = 64;
  const Expr x = read(base);
  const std::optional<Fraction> fraction = fraction_of(exponent);
  if (fraction && fraction->q == 2 && std::abs(fraction->p) <= max_half_power) {
    const std::int64_t p = std::abs(fraction->p);
    const Expr root = p == 1 ? sqrt(x) : pow(x, p / 2) * sqrt(x);
    return fraction->p > 0 ? root : 1 / root;
  }
  return pow(x, read(exponent));
}

Expr SympyReader::read_piecewise(nb::handle expr) {
  const nb::tuple pieces = args_of(expr);
  const std::size_t count = pieces.size();
  const nb::tuple last = args_of(pieces[count - 1]);
  if (PyObject_RichCompareBool(last[1].ptr(), nb::module_::import_("sympy").attr("true").ptr(), Py_EQ) != 1) {
    fail_expression(expr, "Give the Piecewise a last piece (value, True), so that every cell has a value.");
  }
  Expr result = read(last[0]);
  for (std::size_t i = count - 1; i-- > 0;) {
    const nb::tuple piece = args_of(pieces[i]);
    result = select(read(piece[1]), read(piece[0]), result);
  }
  return result;
}

}  // namespace cppstencils::python
