#include "sympy_kinds.hpp"

namespace nb = nanobind;

namespace cppstencils::python {

SympyClasses::SympyClasses() {
  const nb::module_ sympy = nb::module_::import_("sympy");
  const nb::module_ logic = nb::module_::import_("sympy.logic.boolalg");
  const auto of_sympy = [&](const char* name, SympyClass entry) { add(sympy.attr(name), entry); };
  const auto function = [&](const char* name, Function which) {
    of_sympy(name, {.kind = SympyKind::function, .function = which});
  };
  const auto relation = [&](const char* name, Relation which) {
    of_sympy(name, {.kind = SympyKind::relation, .relation = which});
  };
  const auto connective = [&](const char* name, Connective which) {
    of_sympy(name, {.kind = SympyKind::connective, .connective = which});
  };

  of_sympy("Integer", {.kind = SympyKind::integer});
  of_sympy("Rational", {.kind = SympyKind::rational});
  of_sympy("Float", {.kind = SympyKind::floating});
  of_sympy("NumberSymbol", {.kind = SympyKind::constant});
  const nb::object numbers = nb::module_::import_("sympy.core.numbers");
  add(numbers.attr("Infinity"), {.kind = SympyKind::constant});
  add(numbers.attr("NegativeInfinity"), {.kind = SympyKind::constant});
  add(logic.attr("BooleanTrue"), {.kind = SympyKind::boolean});
  add(logic.attr("BooleanFalse"), {.kind = SympyKind::boolean});
  of_sympy("Symbol", {.kind = SympyKind::symbol});
  of_sympy("Add", {.kind = SympyKind::sum});
  of_sympy("Mul", {.kind = SympyKind::product});
  of_sympy("Pow", {.kind = SympyKind::power});
  of_sympy("Piecewise", {.kind = SympyKind::piecewise});
  of_sympy("ITE", {.kind = SympyKind::if_then_else});
  of_sympy("sign", {.kind = SympyKind::sign});

  function("exp", Function::exp);
  function("log", Function::log);
  function("sin", Function::sin);
  function("cos", Function::cos);
  function("tan", Function::tan);
  function("sinh", Function::sinh);
  function("cosh", Function::cosh);
  function("tanh", Function::tanh);
  function("asin", Function::asin);
  function("acos", Function::acos);
  function("atan", Function::atan);
  function("atan2", Function::atan2);
  function("Abs", Function::abs);
  function("floor", Function::floor);
  function("ceiling", Function::ceil);
  function("Min", Function::min);
  function("Max", Function::max);

  relation("Equality", Relation::equal);
  relation("Unequality", Relation::not_equal);
  relation("StrictLessThan", Relation::less);
  relation("LessThan", Relation::less_equal);
  relation("StrictGreaterThan", Relation::greater);
  relation("GreaterThan", Relation::greater_equal);
  connective("And", Connective::logical_and);
  connective("Or", Connective::logical_or);
  connective("Not", Connective::logical_not);

  const nb::module_ symbols = nb::module_::import_("cppstencils.sympyextensions.typed_symbols");
  add(symbols.attr("SpatialCounter"), {.kind = SympyKind::coordinate});
  add(symbols.attr("tcast"), {.kind = SympyKind::cast});
  add(nb::module_::import_("cppstencils.random").attr("RandomNumber"), {.kind = SympyKind::random});
  add(nb::module_::import_("cppstencils.field").attr("FieldAccess"), {.kind = SympyKind::access});
}

void SympyClasses::add(nb::handle type, SympyClass entry) {
  type.inc_ref();
  classes_.emplace(reinterpret_cast<const PyTypeObject*>(type.ptr()), entry);
}

const SympyClass* SympyClasses::find(nb::handle expr) const {
  const PyTypeObject* const type = Py_TYPE(expr.ptr());
  if (const auto found = classes_.find(type); found != classes_.end()) return &found->second;
  if (type->tp_mro == nullptr) return nullptr;
  for (Py_ssize_t i = 1; i < PyTuple_GET_SIZE(type->tp_mro); ++i) {
    const auto* const base = reinterpret_cast<const PyTypeObject*>(PyTuple_GET_ITEM(type->tp_mro, i));
    if (const auto found = classes_.find(base); found != classes_.end()) return &found->second;
  }
  return nullptr;
}

const SympyClasses& sympy_classes() {
  static const SympyClasses& classes = *new SympyClasses();
  return classes;
}

}  // namespace cppstencils::python
