#pragma once

#include <initializer_list>
#include <iosfwd>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

#include "cppstencils/field/field.hpp"
#include "cppstencils/support/reduction_op.hpp"
#include "cppstencils/sym/expr.hpp"

namespace cppstencils {

/// One line of a kernel: `target` takes the value of `value`. The target is a field access, which is stored,
/// or a symbol, which names a sub-expression or, in a reduction, the number that the values of all cells become.
struct Assignment {
  Expr target;
  Expr value;
  /// The place in the user's program, for messages.
  std::source_location where = {};
  /// Present in reductions.
  std::optional<ReductionOp> reduction = {};
};

/// Makes an assignment. Throws ExpressionError (invalid-expression) if the target is neither a field access nor
/// a symbol.
CPPSTENCILS_EXPORT Assignment assign(const Expr& target, const Expr& value,
                                     std::source_location where = std::source_location::current());

/// Combines the values of `value` in all cells into one number: the kernel gets an argument of this name, a writable
/// array with one element, and combines that into the result, too. So `reduce(ReductionOp::add, Symbol("sum"), u(0,
/// 0))` adds to what `sum` holds. Symbols without a type get that of the value.
///
/// The result has the same bits for any number of threads, vector length, JIT and array layout: the order in which
/// values are combined depends on the box of cells alone. It is a tree, so that sums of many floats are exact to few
/// bits. minimum and maximum of floats are NaN if a value is NaN. Integers wrap. Throws ExpressionError
/// (invalid-expression) if the target is not a symbol.
CPPSTENCILS_EXPORT Assignment reduce(ReductionOp op, const Expr& target, const Expr& value,
                                     std::source_location where = std::source_location::current());

/// The assignments of a kernel, in the order in which a cell evaluates them.
///
/// Within a cell every field is read before anything is stored, except that an element which an earlier
/// assignment has written is read with its new value.
class CPPSTENCILS_EXPORT AssignmentList {
 public:
  AssignmentList() = default;
  AssignmentList(Assignment assignment);                          // NOLINT(google-explicit-constructor)
  AssignmentList(std::initializer_list<Assignment> assignments);  // NOLINT(google-explicit-constructor)
  AssignmentList(std::vector<Assignment> assignments);            // NOLINT(google-explicit-constructor)

  AssignmentList& add(Assignment assignment);
  AssignmentList& append(const AssignmentList& other);
  /// Adds `name = value` and returns the symbol.
  Symbol define(std::string_view name, const Expr& value, std::source_location where = std::source_location::current());

  std::vector<Assignment>::const_iterator begin() const { return assignments_.begin(); }
  std::vector<Assignment>::const_iterator end() const { return assignments_.end(); }
  std::size_t size() const { return assignments_.size(); }
  bool empty() const { return assignments_.empty(); }
  const Assignment& operator[](std::size_t i) const { return assignments_[i]; }

 private:
  std::vector<Assignment> assignments_;
};

/// "v[0,0] = u[1,0]/4 + h", "w = reduce(add, u[0,0])".
CPPSTENCILS_EXPORT std::string to_string(const Assignment& assignment);
/// One assignment per line.
CPPSTENCILS_EXPORT std::string to_string(const AssignmentList& assignments);
CPPSTENCILS_EXPORT std::ostream& operator<<(std::ostream& stream, const Assignment& assignment);
CPPSTENCILS_EXPORT std::ostream& operator<<(std::ostream& stream, const AssignmentList& assignments);

}  // namespace cppstencils
