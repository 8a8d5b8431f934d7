#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "cppstencils/sym/expr.hpp"

namespace cppstencils::python {

/// The classes of SymPy and of this package that an expression may consist of.
enum class SympyKind : std::uint8_t {
  integer,
  rational,
  floating,
  constant,  // pi, E, infinity
  boolean,
  symbol,
  access,
  coordinate,
  sum,
  product,
  power,
  function,
  relation,
  connective,
  piecewise,
  if_then_else,
  sign,
  cast,
  random,
};

struct SympyClass {
  SympyKind kind;
  // Which one, where the kind has several.
  std::optional<Function> function = {};
  std::optional<Relation> relation = {};
  std::optional<Connective> connective = {};
};

/// Finds the kind of a SymPy object by its class, or by the nearest base class.
class SympyClasses {
 public:
  SympyClasses();
  /// Null for a class that kernels cannot evaluate.
  const SympyClass* find(nanobind::handle expr) const;

 private:
  void add(nanobind::handle type, SympyClass entry);
  std::unordered_map<const PyTypeObject*, SympyClass> classes_;
};

/// Built at the first use and kept; it refers to classes, which live as long as the interpreter.
const SympyClasses& sympy_classes();

}  // namespace cppstencils::python
