#include "passes/eliminate_common_subexpressions.hpp"

#include <optional>

#include "ir/builder.hpp"
#include "passes/value_table.hpp"

namespace cppstencils::passes {
namespace {

using Number = ValueTable::Number;

/// The values of a cell block, and the variables that the kernel has for them.
struct NumberedBlock {
  ValueTable table{OperandOrder::ignored};
  std::vector<std::optional<ir::VarId>> variables;  // per value
  std::vector<Number> results;                      // per Store or Reduce

  explicit NumberedBlock(const ir::Block& block) {
    for (const ir::Stmt& stmt : block) {
      if (const auto* let = std::get_if<ir::Let>(&stmt.kind)) {
        const Number value = table.number(let->value);
        table.define(let->id, value);
        variables.resize(table.size());
        if (!variables[value]) variables[value] = let->id;
      } else {
        const auto* reduce = std::get_if<ir::Reduce>(&stmt.kind);
        results.push_back(table.number(reduce != nullptr ? reduce->value : std::get<ir::Store>(stmt.kind).value));
        table.use(results.back());
      }
    }
    variables.resize(table.size());
  }
};

}  // namespace

ir::Kernel eliminate_common_subexpressions(const ir::Kernel& kernel) {
  const ir::Block& block = ir::cell_block(kernel);
  const NumberedBlock numbered(block);
  ir::Kernel result = kernel;
  ir::Block new_block;
  std::vector<ir::Expr> rewritten;
  rewritten.reserve(numbered.table.size());
  for (Number number = 0; number < numbered.table.size(); ++number) {
    const ValueTable::Value& value = numbered.table[number];
    ir::Expr expr = keep_value(value, rewritten);
    std::optional<ir::VarId> variable = numbered.variables[number];
    if (is_trivial(expr) || (!variable && value.uses < 2)) {
      rewritten.push_back(std::move(expr));
      continue;
    }
    if (!variable) {
      variable = ir::VarId{static_cast<std::uint32_t>(result.variables.size())};
      result.variables.push_back({"", expr.type()});
    }
    rewritten.push_back(ir::variable(*variable, expr.type()));
    new_block.push_back({ir::Let{*variable, std::move(expr)}});
  }
  auto result_of_stmt = numbered.results.begin();
  for (const ir::Stmt& stmt : block) {
    if (const auto* store = std::get_if<ir::Store>(&stmt.kind)) {
      new_block.push_back({ir::Store{store->buffer, store->offsets, store->index, rewritten[*result_of_stmt++]}});
    } else if (const auto* reduce = std::get_if<ir::Reduce>(&stmt.kind)) {
      new_block.push_back({ir::Reduce{reduce->id, rewritten[*result_of_stmt++]}});
    }
  }
  result.body = ir::with_cell_block(kernel, std::move(new_block)).body;
  return result;
}

}  // namespace cppstencils::passes
