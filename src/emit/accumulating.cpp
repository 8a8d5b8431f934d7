#include "emit/accumulating.hpp"

#include <cstdint>

#include "ir/builder.hpp"

namespace cppstencils::emit {

ir::Kernel accumulating(const ir::Kernel& kernel) {
  if (kernel.reductions.empty()) return kernel;
  ir::Kernel result = kernel;
  const auto first = static_cast<std::uint32_t>(kernel.variables.size());
  for (const ir::Reduction& reduction : kernel.reductions) result.variables.push_back({"", reduction.dtype});
  const auto rewrite = [&](const auto& self, ir::Block& block) -> void {
    for (ir::Stmt& stmt : block) {
      if (auto* loop = std::get_if<ir::Loop>(&stmt.kind)) self(self, loop->body);
      if (auto* reduce = std::get_if<ir::Reduce>(&stmt.kind)) {
        const ir::Reduction& reduction = kernel.reduction(reduce->id);
        const ir::Expr so_far = ir::variable({first + reduce->id.value}, reduction.dtype);
        reduce->value = ir::binary(ir::lane_op(reduction.op), so_far, reduce->value);
      }
    }
  };
  rewrite(rewrite, result.body);
  return result;
}

}  // namespace cppstencils::emit
