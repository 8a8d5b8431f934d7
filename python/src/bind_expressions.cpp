#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"
#include "sympy_reader.hpp"
#include "sympy_writer.hpp"

namespace nb = nanobind;

namespace cppstencils::python {

namespace {

// Runs an algorithm of the engine on SymPy expressions.
template <class Algorithm>
nb::object through_engine(nb::handle expr, Algorithm&& algorithm) {
  const auto [result, reader] =
      read_with_names({}, [&](SympyReader& names) { return algorithm(names.read(expr), names); });
  return SympyWriter(reader.fields(), reader.symbols()).write(result);
}

}  // namespace

void bind_expressions(nb::module_& module) {
  module.def(
      "parse_dtype",
      [](const std::string& name) -> std::optional<std::string> {
        const std::optional<DType> dtype = parse_dtype(name);
        if (!dtype) return {};
        return std::string(to_string(*dtype));
      },
      nb::arg("name"), "The canonical name of an element type, or None.");
  module.def(
      "layout_order",
      [](const std::string& name, int rank, int index_rank) { return Layout(name).order(rank, index_rank); },
      nb::arg("name"), nb::arg("rank"), nb::arg("index_rank"), "All dimensions from the slowest to the fastest.");
  module.def(
      "check_field",
      [](const std::string& name, int rank, std::vector<std::int64_t> index_shape,
         std::optional<std::vector<std::int64_t>> shape, std::vector<int> layout) {
        (void)Field(name, rank,
                    {.index_shape = std::move(index_shape), .shape = std::move(shape), .layout = Layout(layout)});
      },
      nb::arg("name"), nb::arg("rank"), nb::arg("index_shape"), nb::arg("shape").none(), nb::arg("layout"),
      "Raises FieldError if there can be no such field.");
  module.def(
      "round_trip", [](nb::handle expr) { return through_engine(expr, [](const Expr& e, auto&) { return e; }); },
      nb::arg("expr"), "The expression as the engine understands it.");
  module.def(
      "expand", [](nb::handle expr) { return through_engine(expr, [](const Expr& e, auto&) { return expand(e); }); },
      nb::arg("expr"), "Multiplies out and collects like terms.");
  module.def(
      "diff",
      [](nb::handle expr, nb::handle variable) {
        return through_engine(expr, [&](const Expr& e, SympyReader& reader) { return diff(e, reader.read(variable)); });
      },
      nb::arg("expr"), nb::arg("variable"), "The derivative with respect to a symbol or a field access.");
  module.def(
      "to_text",
      [](nb::handle expr) {
        SympyReader reader({});
        return to_string(reader.read(expr));
      },
      nb::arg("expr"), "The expression as the engine prints it.");
}

}  // namespace cppstencils::python
