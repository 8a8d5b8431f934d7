#include "passes/unroll_cells.hpp"

#include <cstddef>
#include <utility>

#include "cppstencils/support/error.hpp"
#include "ir/builder.hpp"
#include "ir/traverse.hpp"
#include "passes/value_table.hpp"

namespace cppstencils::passes {
namespace {

using ir::Expr;
using Offsets = std::vector<std::int64_t>;

void shift(Offsets& offsets, const Offsets& distance) {
  for (std::size_t d = 0; d < offsets.size() && d < distance.size(); ++d) offsets[d] += distance[d];
}

class Unroller {
 public:
  explicit Unroller(const ir::Kernel& kernel) : cell_(ir::cell_block(kernel)), result_(kernel) {
    CPPSTENCILS_CHECK(kernel.order == ir::IterationOrder::independent, "Only independent cells are computed together.");
    CPPSTENCILS_CHECK(kernel.reductions.empty(), "Cells whose values are reduced are not computed together.");
  }

  ir::Kernel run(const CellGroup& group) {
    for (const Offsets& distance : group) add_cell(distance, &distance == &group.front());
    for (ir::Stmt& store : stores_) lets_.push_back(std::move(store));
    return ir::with_cell_block(result_, std::move(lets_));
  }

 private:
  void add_cell(const Offsets& distance, bool is_first) {
    std::vector<ir::VarId> renamed(result_.variables.size());
    for (std::uint32_t i = 0; i < renamed.size(); ++i) renamed[i] = {i};
    ir::ExprRewriter moved([&](const Expr& expr) { return move(expr, distance, renamed); });
    for (const ir::Stmt& stmt : cell_) {
      if (const auto* let = std::get_if<ir::Let>(&stmt.kind)) {
        Expr value = moved(let->value);
        if (!is_first) renamed[let->id.value] = add_variable(result_.variables[let->id.value]);
        lets_.push_back({ir::Let{renamed[let->id.value], std::move(value)}});
        continue;
      }
      ir::Store store = std::get<ir::Store>(stmt.kind);
      shift(store.offsets, distance);
      store.value = moved(store.value);
      if (!is_trivial(store.value)) {
        const DType type = store.value.type();
        const ir::VarId id = add_variable({"stored", type});
        lets_.push_back({ir::Let{id, std::move(store.value)}});
        store.value = ir::variable(id, type);
      }
      stores_.push_back({std::move(store)});
    }
  }

  ir::VarId add_variable(ir::VariableInfo info) {
    result_.variables.push_back(std::move(info));
    return {static_cast<std::uint32_t>(result_.variables.size() - 1)};
  }

  static Expr move(const Expr& expr, const Offsets& distance, const std::vector<ir::VarId>& renamed) {
    if (const auto* load = ir::get_if<ir::Load>(expr)) {
      Offsets offsets = load->offsets;
      shift(offsets, distance);
      return ir::load(load->buffer, expr.type(), std::move(offsets), load->index);
    }
    if (const auto* variable = ir::get_if<ir::Variable>(expr)) {
      return ir::variable(renamed[variable->id.value], expr.type());
    }
    if (const auto* index = ir::get_if<ir::LoopIndex>(expr)) {
      const std::int64_t along = distance[static_cast<std::size_t>(index->dimension)];
      return along == 0 ? expr : ir::binary(ir::BinaryOp::add, expr, ir::index_constant(along));
    }
    return expr;
  }

  const ir::Block& cell_;
  ir::Kernel result_;
  ir::Block lets_;
  ir::Block stores_;
};

}  // namespace

ir::Kernel unroll_cells(const ir::Kernel& kernel, const CellGroup& group) { return Unroller(kernel).run(group); }

}  // namespace cppstencils::passes
