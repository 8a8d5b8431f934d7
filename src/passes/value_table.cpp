#include "passes/value_table.hpp"

#include <utility>

#include "ir/builder.hpp"

namespace cppstencils::passes {
namespace {

bool is_commutative(const ir::Expr& expr) {
  if (const auto* compare = ir::get_if<ir::Compare>(expr)) {
    return compare->op == ir::CompareOp::equal || compare->op == ir::CompareOp::not_equal;
  }
  const auto* binary = ir::get_if<ir::Binary>(expr);
  if (binary == nullptr) return false;
  switch (binary->op) {
    case ir::BinaryOp::add:
    case ir::BinaryOp::multiply:
    case ir::BinaryOp::logical_and:
    case ir::BinaryOp::logical_or:
      return true;
    case ir::BinaryOp::subtract:
    case ir::BinaryOp::divide:
    case ir::BinaryOp::minimum:  // of zeros, and of NaN and a number, it matters which comes first
    case ir::BinaryOp::maximum:
      return false;
  }
  return false;
}

}  // namespace

ValueTable::ValueTable(OperandOrder order) : order_(order), visit_([this](const ir::Expr& expr) { add(expr); }) {}

ValueTable::Number ValueTable::number(const ir::Expr& expr) {
  visit_(expr);
  return numbers_.at(&expr.node());
}

void ValueTable::add(const ir::Expr& expr) {
  if (const auto* variable = ir::get_if<ir::Variable>(expr)) {
    if (const auto defined = variables_.find(variable->id.value); defined != variables_.end()) {
      numbers_.emplace(&expr.node(), defined->second);
      return;
    }
  }
  std::vector<Number> operands;
  for (const ir::Expr& operand : ir::children(expr)) operands.push_back(numbers_.at(&operand.node()));
  std::vector<ir::Expr> key_operands;
  for (const Number operand : operands) key_operands.push_back(placeholders_[operand]);
  if (order_ == OperandOrder::ignored && is_commutative(expr) && operands[0] > operands[1]) {
    std::swap(key_operands[0], key_operands[1]);
  }
  const auto [known, is_new] = known_.try_emplace(ir::with_children(expr, key_operands), size());
  if (is_new) {
    for (const Number operand : operands) ++values_[operand].uses;
    placeholders_.push_back(ir::variable(ir::VarId{size()}, expr.type()));
    values_.push_back({expr, std::move(operands)});
  }
  numbers_.emplace(&expr.node(), known->second);
}

void number_cell_block(const ir::Kernel& kernel, ValueTable& table) {
  for (const ir::Stmt& stmt : ir::cell_block(kernel)) {
    for (const ir::Expr& expr : ir::expressions(stmt)) table.use(table.number(expr));
  }
}

ir::Kernel replace_values(const ir::Kernel& kernel, ValueTable& table, const ValueRewrite& rewrite) {
  std::vector<ir::Expr> rewritten;
  rewritten.reserve(table.size());
  for (ValueTable::Number value = 0; value < table.size(); ++value) rewritten.push_back(rewrite(value, rewritten));
  return ir::with_cell_block(kernel, ir::map_expressions(ir::cell_block(kernel), [&](const ir::Expr& expr) {
                               return rewritten[table.number(expr)];
                             }));
}

ir::Expr keep_value(const ValueTable::Value& value, const std::vector<ir::Expr>& rewritten) {
  std::vector<ir::Expr> operands;
  for (const ValueTable::Number operand : value.operands) operands.push_back(rewritten[operand]);
  return ir::with_children(value.expr, operands);
}

bool is_trivial(const ir::Expr& expr) {
  return ir::match(
      expr, [](const ir::Constant&) { return true; }, [](const ir::Variable&) { return true; },
      [](const ir::ScalarParameter&) { return true; }, [](const ir::LoopIndex&) { return true; },
      [](const ir::Stride&) { return true; }, [](const ir::Load&) { return false; },
      [](const ir::ElementLoad&) { return false; }, [](const ir::Unary&) { return false; },
      [](const ir::Binary&) { return false; }, [](const ir::FusedMultiplyAdd&) { return false; },
      [](const ir::Compare&) { return false; }, [](const ir::Select&) { return false; },
      [](const ir::Call&) { return false; }, [](const ir::Cast&) { return false; },
      [](const ir::Reinterpret&) { return false; });
}

}  // namespace cppstencils::passes
