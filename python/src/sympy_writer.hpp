#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <unordered_map>

#include "arguments.hpp"
#include "cppstencils/sym/expr.hpp"

namespace cppstencils::python {

/// Writes expressions of the engine as SymPy expressions, exactly. Fields and renamed symbols are those that a reader
/// has met.
class SympyWriter {
 public:
  SympyWriter(const std::unordered_map<std::string, nanobind::object>& fields, const RenamedSymbols& renamed);
  nanobind::object write(const Expr& expr);

 private:
  nanobind::object write_new(const Expr& expr);
  nanobind::object write_all(const char* constructor, const std::vector<Expr>& operands);

  nanobind::module_ sympy_;
  nanobind::module_ symbols_;
  std::unordered_map<std::string, nanobind::object> fields_;
  std::unordered_map<std::string, std::string> written_names_;
  std::unordered_map<const sym::Node*, nanobind::object> known_;
};

}  // namespace cppstencils::python
