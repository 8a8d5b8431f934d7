#pragma once

#include <nanobind/nanobind.h>

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
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
  /// `taken` are names that no symbol may be given; see conflicts().
  explicit SympyReader(ReaderOptions options, std::set<std::string> taken = {})
      : options_(options), taken_(std::move(taken)) {}

  /// Throws ExpressionError (invalid-expression) for what kernels cannot evaluate.
  Expr read(nanobind::handle expr);

  /// User's names of symbols that are no identifiers, with the names that the kernel knows them by.
  const RenamedSymbols& renamed() const { return renamed_; }
  /// Names that were given to a symbol before a field or a symbol turned up that bears them. Read again, with a reader
  /// that knows them as taken.
  const std::set<std::string>& conflicts() const { return conflicts_; }
  /// SymPy's symbols by the names that the engine knows them by.
  const std::unordered_map<std::string, nanobind::object>& symbols() const { return symbols_; }
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
  /// A symbol keeps its name if that is an identifier. Others, and Dummies, which are unlike every other symbol of
  /// their name, get one that nothing else has.
  std::string name_for(nanobind::handle symbol);

  ReaderOptions options_;
  int depth_ = 0;
  std::unordered_map<PyObject*, Expr> known_;
  std::vector<nanobind::object> kept_;  // keeps the keys of known_ alive
  std::unordered_map<std::string, Field> fields_;
  std::unordered_map<std::string, nanobind::object> python_fields_;
  RenamedSymbols renamed_;
  std::unordered_map<std::string, nanobind::object> symbols_;
  std::set<std::string> taken_;
  std::set<std::string> conflicts_;
  std::set<std::string> made_names_;
  std::map<std::string, std::string> made_name_of_;
};

/// Reads with one reader after the other until no two things have one name. `read` gets the reader.
template <class Read>
auto read_with_names(ReaderOptions options, Read&& read) {
  std::set<std::string> taken;
  for (;;) {
    SympyReader reader(options, taken);
    auto result = read(reader);
    if (reader.conflicts().empty()) return std::pair(std::move(result), std::move(reader));
    taken.insert(reader.conflicts().begin(), reader.conflicts().end());
  }
}

}  // namespace cppstencils::python
