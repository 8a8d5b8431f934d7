#include "passes/relax_divisions.hpp"

#include <cmath>
#include <optional>
#include <set>

#include "ir/arithmetic.hpp"
#include "ir/builder.hpp"
#include "passes/value_table.hpp"

namespace cppstencils::passes {
namespace {

using ir::BinaryOp;
using ir::Expr;
using Number = ValueTable::Number;

/// The value is the same for all cells. `same` holds the answer for the values before it.
bool is_same_for_all_cells(const ValueTable::Value& value, const std::vector<bool>& same,
                           const std::set<ir::VarId>& same_variables) {
  const auto operands_are = [&] {
    for (const Number operand : value.operands) {
      if (!same[operand]) return false;
    }
    return true;
  };
  return ir::match(
      value.expr, [](const ir::Constant&) { return true; },
      [&](const ir::Variable& e) { return same_variables.contains(e.id); },
      [](const ir::ScalarParameter&) { return true; }, [](const ir::LoopIndex&) { return false; },
      [](const ir::Stride&) { return true; }, [](const ir::Load&) { return false; },
      [](const ir::ElementLoad&) { return false; }, [&](const ir::Unary&) { return operands_are(); },
      [&](const ir::Binary&) { return operands_are(); }, [&](const ir::FusedMultiplyAdd&) { return operands_are(); },
      [&](const ir::Compare&) { return operands_are(); }, [&](const ir::Select&) { return operands_are(); },
      [&](const ir::Call&) { return operands_are(); }, [&](const ir::Cast&) { return operands_are(); },
      [&](const ir::Reinterpret&) { return operands_are(); });
}

/// What is known about the values of a cell block.
struct Facts {
  std::vector<bool> same_for_all_cells;
  std::vector<std::uint32_t> divisions;  // with this value as divisor
};

const ir::Binary* float_division(const Expr& expr) {
  const auto* binary = ir::get_if<ir::Binary>(expr);
  return binary != nullptr && binary->op == BinaryOp::divide && is_float(expr.type()) ? binary : nullptr;
}

Facts number_and_analyse(const ir::Kernel& kernel, ValueTable& table) {
  Facts facts;
  std::set<ir::VarId> same_variables;
  const auto analyse_new_values = [&] {
    for (auto number = static_cast<Number>(facts.same_for_all_cells.size()); number < table.size(); ++number) {
      const ValueTable::Value& value = table[number];
      facts.same_for_all_cells.push_back(is_same_for_all_cells(value, facts.same_for_all_cells, same_variables));
      facts.divisions.push_back(0);
      if (float_division(value.expr) != nullptr) ++facts.divisions[value.operands[1]];
    }
  };
  for (const ir::Stmt& stmt : ir::cell_block(kernel)) {
    for (const Expr& expr : ir::expressions(stmt)) {
      const Number number = table.number(expr);
      analyse_new_values();
      const auto* let = std::get_if<ir::Let>(&stmt.kind);
      if (let != nullptr && facts.same_for_all_cells[number]) same_variables.insert(let->id);
    }
  }
  return facts;
}

bool is_one(const Expr& expr) {
  const auto bits = ir::constant_bits(expr);
  return bits && ir::float_value(expr.type(), *bits) == 1;
}

/// 1 / literal, if that is a normal number.
std::optional<Expr> reciprocal_of_literal(const Expr& expr) {
  const DType type = expr.type();
  const std::uint64_t one = ir::bits_of_float(type, 1);
  const std::uint64_t bits = ir::evaluate(BinaryOp::divide, type, one, *ir::constant_bits(expr));
  const double value = ir::float_value(type, bits);
  const bool is_normal = type == DType::float32 ? std::isnormal(static_cast<float>(value)) : std::isnormal(value);
  return is_normal ? std::optional(ir::constant_from_bits(type, bits)) : std::nullopt;
}

}  // namespace

ir::Kernel relax_divisions(const ir::Kernel& kernel) {
  ValueTable table;
  const Facts facts = number_and_analyse(kernel, table);
  return replace_values(kernel, table, [&](Number number, const std::vector<Expr>& rewritten) {
    const ValueTable::Value& value = table[number];
    const ir::Binary* division = float_division(value.expr);
    if (division == nullptr || is_one(division->left)) return keep_value(value, rewritten);
    const Expr& dividend = rewritten[value.operands[0]];
    const Expr& divisor = rewritten[value.operands[1]];
    if (ir::is_constant(divisor)) {
      const auto reciprocal = reciprocal_of_literal(divisor);
      return reciprocal ? ir::binary(BinaryOp::multiply, dividend, *reciprocal) : keep_value(value, rewritten);
    }
    if (facts.divisions[value.operands[1]] < 2 && !facts.same_for_all_cells[value.operands[1]]) {
      return keep_value(value, rewritten);
    }
    const Expr one = ir::float_constant(divisor.type(), 1);
    return ir::binary(BinaryOp::multiply, dividend, ir::binary(BinaryOp::divide, one, divisor));
  });
}

}  // namespace cppstencils::passes
