#include "passes/value_table.hpp"

#include "cppstencils/support/error.hpp"
#include "ir/operands.hpp"
#include "ir/payload.hpp"
#include "support/fixed_hash.hpp"

#include <algorithm>
#include <utility>

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
    case ir::BinaryOp::bit_and:
    case ir::BinaryOp::bit_xor:
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

void ValueTable::Operands::push_back(Number operand) {
  CPPSTENCILS_CHECK(count_ < numbers_.size(), "A node has more than three operands.");
  numbers_[count_++] = operand;
}

ValueTable::Number ValueTable::number(const ir::Expr& root) {
  // Operands first, without recursion.
  std::vector<const ir::Expr*> waiting{&root};
  while (!waiting.empty()) {
    const ir::Expr& expr = *waiting.back();
    if (numbers_.contains(expr.node())) {
      waiting.pop_back();
      continue;
    }
    const auto first = static_cast<std::ptrdiff_t>(waiting.size());
    ir::for_each_operand_of(expr, [&](const ir::Expr& operand) {
      if (!numbers_.contains(operand.node())) waiting.push_back(&operand);
    });
    if (static_cast<std::ptrdiff_t>(waiting.size()) > first) {
      std::reverse(waiting.begin() + first, waiting.end());
      continue;
    }
    waiting.pop_back();
    add(expr);
  }
  return numbers_.at(root.node());
}

bool ValueTable::is(Number value, const ir::Expr& expr, const Operands& operands, bool any_order) const {
  const Operands& known = values_[value].operands;
  if (known != operands && !(any_order && known[0] == operands[1] && known[1] == operands[0])) return false;
  return ir::same_payload(values_[value].expr.node(), expr.node());
}

std::size_t ValueTable::slot_of(std::uint64_t hash, const ir::Expr& expr, const Operands& operands,
                                bool any_order) const {
  for (std::size_t i = hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
    if (slots_[i] == none || (hashes_[slots_[i]] == hash && is(slots_[i], expr, operands, any_order))) return i;
  }
}

void ValueTable::grow() {
  slots_.assign(slots_.empty() ? 64 : 2 * slots_.size(), none);
  for (Number value = 0; value < size(); ++value) {
    std::size_t i = hashes_[value] & (slots_.size() - 1);
    while (slots_[i] != none) i = (i + 1) & (slots_.size() - 1);
    slots_[i] = value;
  }
}

void ValueTable::add(const ir::Expr& expr) {
  if (const auto* variable = ir::get_if<ir::Variable>(expr)) {
    if (const auto defined = variables_.find(variable->id.value); defined != variables_.end()) {
      numbers_.emplace(expr, defined->second);
      return;
    }
  }
  Operands operands;
  ir::for_each_operand_of(expr, [&](const ir::Expr& operand) { operands.push_back(numbers_.at(operand.node())); });
  const bool any_order = order_ == OperandOrder::ignored && is_commutative(expr);
  support::FixedHash hash;
  hash.add(ir::payload_hash(expr.node()));
  if (any_order) {
    hash.add(std::min(operands[0], operands[1])).add(std::max(operands[0], operands[1]));
  } else {
    for (const Number operand : operands) hash.add(operand);
  }
  if (values_.size() * 2 >= slots_.size()) grow();
  Number& slot = slots_[slot_of(hash.value(), expr, operands, any_order)];
  if (slot == none) {
    slot = size();
    for (const Number operand : operands) ++values_[operand].uses;
    values_.push_back({expr, operands});
    hashes_.push_back(hash.value());
  }
  numbers_.emplace(expr, slot);
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
  std::array<ir::Expr, 3> operands{value.expr, value.expr, value.expr};  // an expression is never empty
  std::size_t count = 0;
  for (const ValueTable::Number operand : value.operands) operands[count++] = rewritten[operand];
  return ir::with_children(value.expr, std::span(operands.data(), count));
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
