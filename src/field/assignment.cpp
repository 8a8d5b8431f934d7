#include "cppstencils/field/assignment.hpp"

#include <ostream>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "sym/to_string.hpp"

namespace cppstencils {

Assignment assign(const Expr& target, const Expr& value, std::source_location where) {
  if (get_if<sym::Access>(target) == nullptr && get_if<sym::SymbolAtom>(target) == nullptr) {
    throw ExpressionError({.code = ErrorCode::invalid_expression,
                           .message = fmt::format("'{}' cannot be assigned to.", sym::short_text(target)),
                           .hints = {"Assign to a field access, such as v(0, 0), or to a symbol."}});
  }
  return {target, value, where};
}

Assignment reduce(ReductionOp op, const Expr& target, const Expr& value, std::source_location where) {
  if (get_if<sym::SymbolAtom>(target) == nullptr) {
    throw ExpressionError({.code = ErrorCode::invalid_expression,
                           .message = fmt::format("'{}' cannot be reduced into.", sym::short_text(target)),
                           .hints = {"Reduce into a symbol; its argument is an array with one element."}});
  }
  return {target, value, where, op};
}

AssignmentList::AssignmentList(Assignment assignment) : assignments_{std::move(assignment)} {}
AssignmentList::AssignmentList(std::initializer_list<Assignment> assignments) : assignments_(assignments) {}
AssignmentList::AssignmentList(std::vector<Assignment> assignments) : assignments_(std::move(assignments)) {}

AssignmentList& AssignmentList::add(Assignment assignment) {
  assignments_.push_back(std::move(assignment));
  return *this;
}

AssignmentList& AssignmentList::append(const AssignmentList& other) {
  // By index, so that a list can be appended to itself.
  const std::size_t count = other.assignments_.size();
  for (std::size_t i = 0; i < count; ++i) assignments_.push_back(Assignment(other.assignments_[i]));
  return *this;
}

Symbol AssignmentList::define(std::string_view name, const Expr& value, std::source_location where) {
  Symbol symbol(name);
  assignments_.push_back({symbol, value, where});
  return symbol;
}

std::string to_string(const Assignment& assignment) {
  if (assignment.reduction) {
    return fmt::format("{} = reduce({}, {})", to_string(assignment.target), to_string(*assignment.reduction),
                       to_string(assignment.value));
  }
  return fmt::format("{} = {}", to_string(assignment.target), to_string(assignment.value));
}

std::string to_string(const AssignmentList& assignments) {
  std::string text;
  for (const Assignment& assignment : assignments) text += to_string(assignment) + "\n";
  return text;
}

std::ostream& operator<<(std::ostream& stream, const Assignment& assignment) { return stream << to_string(assignment); }
std::ostream& operator<<(std::ostream& stream, const AssignmentList& assignments) {
  return stream << to_string(assignments);
}

}  // namespace cppstencils
