#include "kernel/check_independence.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "cppstencils/sym/calculus.hpp"
#include "kernel/diagnostics.hpp"

namespace cppstencils::kernel {

namespace {

using Offsets = std::vector<std::int64_t>;
/// A component of a field: its name and index.
using Component = std::pair<std::string, std::vector<std::int64_t>>;

Component component_of(const sym::Access& access) { return {access.field->name, access.index}; }

/// The largest extent of the range in any array; absent if it grows with the array.
std::optional<std::int64_t> largest_extent(const IterationRange& range) {
  // Offsets have 32 bits, so larger bounds make no difference, and smaller ones cannot overflow here.
  constexpr std::int64_t far = std::int64_t{1} << 40;
  const std::int64_t start = std::clamp(range.start, -far, far);
  const std::optional<std::int64_t> stop =
      range.stop ? std::optional(std::clamp(*range.stop, -far, far)) : std::nullopt;
  if (start >= 0) {
    if (!stop || *stop < 0) return {};
    return *stop - start;
  }
  if (!stop) return -start;
  return *stop < 0 ? *stop - start : std::min(*stop, -start);
}

class CellAccesses {
 public:
  explicit CellAccesses(const std::vector<IterationRange>& ranges) : ranges_(ranges) {}

  void read(const sym::Access& access, const Expr& expr) { reads_[component_of(access)].emplace(access.offsets, expr); }

  /// Returns true if two cells write the same element.
  bool write(const Assignment& assignment, const sym::Access& access, const CreateKernelConfig& config) {
    auto& writes = writes_[component_of(access)];
    const bool same_element = writes.contains(access.offsets);
    const Expr* other = nullptr;  // written by another cell
    for (const auto& [offsets, written] : writes) {
      if (other == nullptr && meet(offsets, access.offsets)) other = &written;
    }
    if ((same_element || other != nullptr) && !config.allow_double_writes) {
      throw ConstraintError(
          {.code = ErrorCode::double_write,
           .message = same_element ? fmt::format("'{}' is written twice.", short_text(assignment.target))
                                   : fmt::format("'{}' and '{}' are written, so two cells write the same element.",
                                                 short_text(*other), short_text(assignment.target)),
           .where = describe_place(assignment),
           .hints = {"Combine the writes into one, or set 'allow_double_writes' if the last one shall win."}});
    }
    writes.emplace(access.offsets, assignment.target);
    return other != nullptr;
  }

  /// The first pair of a read and a write of one element by two different cells.
  std::optional<std::pair<Expr, Expr>> dependence() const {
    for (const auto& [component, writes] : writes_) {
      const auto reads = reads_.find(component);
      if (reads == reads_.end()) continue;
      for (const auto& [write_offsets, write] : writes) {
        for (const auto& [read_offsets, read] : reads->second) {
          if (meet(read_offsets, write_offsets)) return std::pair(read, write);
        }
      }
    }
    return std::nullopt;
  }

 private:
  /// True if two different cells can have one element at these offsets from themselves.
  bool meet(const Offsets& a, const Offsets& b) const {
    if (a == b) return false;
    for (std::size_t d = 0; d < ranges_.size(); ++d) {
      const std::int64_t distance = a[d] < b[d] ? b[d] - a[d] : a[d] - b[d];  // of the cells
      if (distance % ranges_[d].step != 0) return false;
      const std::optional<std::int64_t> extent = largest_extent(ranges_[d]);
      if (extent && distance >= *extent) return false;
    }
    return true;
  }

  const std::vector<IterationRange>& ranges_;
  std::map<Component, std::map<Offsets, Expr>> reads_;
  std::map<Component, std::map<Offsets, Expr>> writes_;
};

}  // namespace

ir::IterationOrder check_independence(const AssignmentList& assignments, const std::vector<IterationRange>& ranges,
                                      const CreateKernelConfig& config) {
  ir::IterationOrder order = ir::IterationOrder::independent;
  CellAccesses cells(ranges);
  for (const Assignment& assignment : assignments) {
    for (const Expr& access : field_accesses(assignment.value)) cells.read(*get_if<sym::Access>(access), access);
    if (const auto* access = get_if<sym::Access>(assignment.target)) {
      if (cells.write(assignment, *access, config)) order = ir::IterationOrder::sequential;
    }
  }
  const auto pair = cells.dependence();
  if (!pair) return order;
  if (!config.skip_independence_check) {
    throw ConstraintError(
        {.code = ErrorCode::dependent_iterations,
         .message = fmt::format("'{}' is read and '{}' is written, so a cell reads what another cell writes.",
                                short_text(pair->first), short_text(pair->second)),
         .hints = {"Write to another field and swap the arrays between calls, or set 'skip_independence_check' to run "
                   "the cells one by one."}});
  }
  return ir::IterationOrder::sequential;
}

}  // namespace cppstencils::kernel
