#include <algorithm>
#include <unordered_set>
#include <utility>

#include "emit/expr_writer.hpp"
#include "emit/ir_to_device.hpp"
#include "ir/builder.hpp"
#include "ir/thread_axes.hpp"
#include "ir/traverse.hpp"

namespace cppstencils::emit {
namespace {

/// Adds the variables whose values `expr` computes with. Places of elements that it loads are not part of it.
void add_variables(const ir::Expr& expr, std::set<std::uint32_t>& variables,
                   std::unordered_set<const ir::Node*>& seen) {
  std::vector<ir::Expr> stack{expr};
  while (!stack.empty()) {
    const ir::Expr top = stack.back();
    stack.pop_back();
    if (!seen.insert(&top.node()).second) continue;
    if (const auto* variable = ir::get_if<ir::Variable>(top)) variables.insert(variable->id.value);
    if (ir::get_if<ir::ElementLoad>(top) != nullptr) continue;
    for (const ir::Expr& child : ir::children(top)) stack.push_back(child);
  }
}

void collect(const ir::Block& block, std::vector<const ir::Stmt*>& flat) {
  ir::for_each_stmt(block, [&](const ir::Stmt& stmt) { flat.push_back(&stmt); });
}

}  // namespace

bool fits_narrow_index(const ir::Kernel& kernel, const ir::ThreadMapping& mapping, std::span<const ArrayShape> arrays) {
  constexpr std::int64_t limit = std::int64_t{1} << 31;
  if (mapping.scheme == ir::IndexingScheme::tiles) return false;
  // Threads look beyond the last cell: by what a block updates, and in grid-strided loops by as much as there is.
  std::int64_t reach = 0;
  for (const ir::Loop* loop : ir::loop_nest(kernel)) reach = std::max(reach, loop->step);
  if (reach >= limit) return false;
  reach *= std::int64_t{mapping.cells.inner} * mapping.cells.outer *
           *std::max_element(mapping.block.begin(), mapping.block.end());
  for (const ArrayShape& array : arrays) {
    std::int64_t places = 0;
    for (std::size_t i = 0; i < array.extents.size(); ++i) {
      const std::int64_t extent = array.extents[i];
      const std::int64_t stride = array.strides[i];
      if (extent >= limit || stride <= -limit || stride >= limit || 2 * extent + 2 * reach >= limit) return false;
      places += extent * (stride < 0 ? -stride : stride);
      if (places >= limit) return false;
    }
  }
  return true;
}

PlaceTypes narrow_places(const ir::Kernel& kernel) {
  std::vector<const ir::Stmt*> statements;
  collect(kernel.body, statements);
  // Uses come after definitions, so one way back from the stores finds every variable that a result depends on.
  std::set<std::uint32_t> wide;
  std::unordered_set<const ir::Node*> seen;
  PlaceTypes places{true, {}};
  for (auto stmt = statements.rbegin(); stmt != statements.rend(); ++stmt) {
    if (const auto* store = std::get_if<ir::ElementStore>(&(*stmt)->kind)) add_variables(store->value, wide, seen);
    if (const auto* reduce = std::get_if<ir::Reduce>(&(*stmt)->kind)) add_variables(reduce->value, wide, seen);
    const auto* let = std::get_if<ir::Let>(&(*stmt)->kind);
    if (let == nullptr) continue;
    if (let->value.type() != DType::int64 || wide.contains(let->id.value)) {
      add_variables(let->value, wide, seen);
    } else {
      places.narrow_variables.insert(let->id.value);
    }
  }
  return places;
}

void ExprWriter::find_narrow_values(std::span<const ir::Stmt> run) {
  narrow_.assign(table_->size(), style_.places.are_narrow);
  if (!style_.places.are_narrow) return;
  std::vector<Number> stack;
  for (const ir::Stmt& stmt : run) {
    if (const auto* store = std::get_if<ir::ElementStore>(&stmt.kind)) stack.push_back(number(store->value));
    if (const auto* reduce = std::get_if<ir::Reduce>(&stmt.kind)) stack.push_back(number(reduce->value));
    const auto* let = std::get_if<ir::Let>(&stmt.kind);
    if (let != nullptr && !style_.places.narrow_variables.contains(let->id.value)) stack.push_back(number(let->value));
  }
  // Everything that a result is computed from keeps its type, and so do leaves that have one.
  std::vector<bool> seen(table_->size(), false);
  while (!stack.empty()) {
    const Number value = stack.back();
    stack.pop_back();
    if (seen[value]) continue;
    seen[value] = true;
    narrow_[value] = false;
    if (ir::get_if<ir::ElementLoad>((*table_)[value].expr) != nullptr) continue;
    for (const Number child : (*table_)[value].operands) stack.push_back(child);
  }
  for (Number value = 0; value < narrow_.size(); ++value) {
    const ir::Expr& expr = (*table_)[value].expr;
    const auto* variable = ir::get_if<ir::Variable>(expr);
    const auto* constant = ir::get_if<ir::Constant>(expr);
    const bool fits = constant == nullptr || std::in_range<std::int32_t>(ir::int_value(DType::int64, constant->bits));
    if (expr.type() != DType::int64 || !fits ||
        (variable != nullptr && !style_.places.narrow_variables.contains(variable->id.value))) {
      narrow_[value] = false;
    }
  }
}

}  // namespace cppstencils::emit
