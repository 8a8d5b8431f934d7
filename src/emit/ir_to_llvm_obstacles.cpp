#include "emit/ir_to_llvm_obstacles.hpp"

#include <fmt/format.h>

namespace cppstencils::emit {
namespace {

std::string obstacle_of_access(Row& row, const ir::Expr& position, ir::BufferId buffer, ir::BufferAccess access,
                               const LlvmOptions& options) {
  const std::string& name = row.scope().kernel().buffer(buffer).name;
  const auto affine = row.affine(position);
  if (!affine) return fmt::format("the elements of '{}' in a row follow no rule", name);
  switch (row.stepping(*affine)) {
    case Stepping::same_element:
      return access == ir::BufferAccess::read ? "" : fmt::format("the cells of a row write one element of '{}'", name);
    case Stepping::next_element:
      return {};
    case Stepping::strided:
      break;
  }
  if (options.strided_access == StridedAccess::cell_by_cell) {
    return "the processor cannot gather elements that are not neighbours";
  }
  return *row.facts().element_sizes.begin() >= 4 ? "" : "elements of 1 or 2 bytes cannot be gathered";
}

}  // namespace

std::string obstacle_to_vectors(Row& row, unsigned lanes, const LlvmOptions& options) {
  if (row.scope().kernel().order != ir::IterationOrder::independent) return "the cells depend on each other";
  if (row.facts().stores.empty() && row.facts().reduces.empty()) return "nothing is stored";
  if (lanes <= 1) return fmt::format("a vector holds no two values of {} bytes", row.facts().widest);
  for (const ir::ElementStore* store : row.facts().stores) {
    const std::string obstacle =
        obstacle_of_access(row, store->position, store->buffer, ir::BufferAccess::write, options);
    if (!obstacle.empty()) return obstacle;
  }
  for (const ir::Expr* expr : row.facts().loads) {
    const auto& load = *ir::get_if<ir::ElementLoad>(*expr);
    const std::string obstacle = obstacle_of_access(row, load.position, load.buffer, ir::BufferAccess::read, options);
    if (!obstacle.empty()) return obstacle;
  }
  return {};
}

bool can_mask(const Row& row, const LlvmOptions& options) {
  // Lanes beyond the row would call functions for nothing.
  if (row.facts().calls_functions) return false;
  switch (options.masked_access) {
    case MaskedAccess::none:
      return false;
    case MaskedAccess::words:
      return *row.facts().element_sizes.begin() >= 4;
    case MaskedAccess::every_size:
      return true;
  }
  return false;
}

}  // namespace cppstencils::emit
