#pragma once

#include <map>
#include <string>

#include "cppstencils/ir/expr.hpp"
#include "emit/spelling.hpp"

namespace cppstencils::emit {

/// The small functions that a generated text uses. Asking for one returns its name and adds its definition.
class HelperFunctions {
 public:
  explicit HelperFunctions(Dialect dialect) : dialect_(dialect) {}
  Dialect dialect() const { return dialect_; }

  /// (a, b) -> (a < b or a is NaN) ? a : b, or with >.
  std::string minimum(DType type);
  std::string maximum(DType type);
  /// (c, a, b) -> c ? a : b. GCC, which would otherwise branch and compute what only one side needs behind the branch,
  /// gets it without one: only so do loops with functions become vector code.
  std::string select(DType type);
  /// Integer quotient: x / 0 is 0, and the smallest value / -1 is itself.
  std::string divide(DType type);
  /// Absolute value of a signed integer, wrapping.
  std::string absolute(DType type);
  /// -a for a float. GCC 12 merges a plain -fma(a, b, c) into one instruction with another sign of zero.
  std::string negate(DType type);
  /// A float as an integer: truncated, saturated, NaN as 0.
  std::string saturate(DType to, DType from);
  /// The bits of a value as one of another type.
  std::string reinterpret(DType to, DType from);
  /// A function of the C library, or of the compiler where it has them built in.
  std::string math(ir::MathFunction function, DType type);

  /// All declarations, then all definitions, each ordered by name.
  std::string text() const;

 private:
  std::string extremum(std::string_view name, std::string_view op, DType type);
  std::string define(std::string name, std::string definition);

  Dialect dialect_;
  std::map<std::string, std::string> declarations_;
  std::map<std::string, std::string> definitions_;
};

}  // namespace cppstencils::emit
