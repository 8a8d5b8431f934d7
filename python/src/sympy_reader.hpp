#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "arguments.hpp"
#include "cppstencils/field/field.hpp"
#include "cppstencils/sym/expr.hpp"

namespace cppstencils::python {

/// What types and names the expressions of one kernel take.
struct ReaderOptions {
  DType default_dtype = DType::float64;
  DType index_dtype = DType::int64;
};

/// Reads SymPy expressions as expressions of the engine, exactly: integers and rationals stay exact.
///
/// SymPy keeps no order of terms and multiplies numbers into sums. So the terms keep SymPy's order, which is the same
/// in every process; terms with the same rational factor are added before they are multiplied; and factors with
/// negative exponents become one division. One reader serves all expressions of a kernel: it reads shared parts once
/// and gives every symbol a name.
class SympyReader {
 public:
  explicit SympyReader(ReaderOptions options) : options_(options) {}

  /// Throws ExpressionError (invalid-expression) for what kernels cannot evaluate.
  Expr read(nanobind::handle expr);

  /// User's names of symbols that are no identifiers, with the names that the kernel knows them by.
  const RenamedSymbols& renamed() const { return renamed_; }
  /// The Python fields by name, as far as they have been met.
  const std::unordered_map<std::string, nanobind::object>& fields() const { return python_fields_; }

 private:
  Expr read_new(nanobind::handle expr);
  Expr read_symbol(nanobind::handle symbol);
  Expr read_access(nanobind::handle access);
  Expr read_sum(nanobind::handle expr);
  Expr read_factors(const nanobind::tuple& factors, std::size_t first);
  Expr read_power(nanobind::handle base, nanobind::handle exponent);
  Expr read_piecewise(nanobind::handle expr);
  std::vector<Expr> read_arguments(nanobind::handle expr);
  DType read_dtype(nanobind::handle dtype) const;
  std::string name_for(nanobind::handle symbol);

  ReaderOptions options_;
  int depth_ = 0;
  std::unordered_map<PyObject*, Expr> known_;
  std::vector<nanobind::object> kept_;  // keeps the keys of known_ alive
  std::unordered_map<std::string, Field> fields_;
  std::unordered_map<std::string, nanobind::object> python_fields_;
  RenamedSymbols renamed_;
  std::unordered_map<std::string, nanobind::object> symbol_of_name_;
};

}  // namespace cppstencils::python
