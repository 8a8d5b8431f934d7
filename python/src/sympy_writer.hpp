#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <unordered_map>

#include "cppstencils/sym/expr.hpp"

namespace cppstencils::python {

/// Writes expressions of the engine as SymPy expressions, exactly.
class SympyWriter {
 public:
  /// `fields` and `symbols` are those that a reader has met, by name.
  SympyWriter(const std::unordered_map<std::string, nanobind::object>& fields,
              const std::unordered_map<std::string, nanobind::object>& symbols);
  nanobind::object write(const Expr& expr);

 private:
  nanobind::object write_new(const Expr& expr);
  nanobind::object write_select(const sym::Select& select);
  nanobind::object write_all(const char* constructor, const std::vector<Expr>& operands);

  nanobind::module_ sympy_;
  nanobind::module_ symbols_;
  std::unordered_map<std::string, nanobind::object> fields_;
  std::unordered_map<std::string, nanobind::object> known_symbols_;
  std::unordered_map<const sym::Node*, nanobind::object> known_;
};

}  // namespace cppstencils::python
