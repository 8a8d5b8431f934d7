#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "cppstencils/ir/kernel.hpp"
#include "ir/traverse.hpp"

namespace cppstencils::passes {

/// Whether a + b and b + a are one value. They have the same bits (any NaN equals any NaN).
enum class OperandOrder : std::uint8_t { significant, ignored };

/// Gives equal numbers to structurally equal expressions, in order of first appearance and operands first. Passes work
/// on it in one sweep over the numbers, in linear time and without recursion.
class ValueTable {
 public:
  using Number = std::uint32_t;
  struct Value {
    /// As first seen.
    ir::Expr expr;
    std::vector<Number> operands;
    /// Number of operands of other values, and of statements, that are this value.
    std::uint32_t uses = 0;
  };

  explicit ValueTable(OperandOrder order = OperandOrder::significant);
  ValueTable(const ValueTable&) = delete;
  ValueTable& operator=(const ValueTable&) = delete;

  Number number(const ir::Expr& expr);
  /// Counts a use by a statement.
  void use(Number value) { ++values_[value].uses; }
  /// From now on the variable is this value. A variable that is not defined is a value of its own.
  void define(ir::VarId variable, Number value) { variables_.insert_or_assign(variable.value, value); }

  Number size() const { return static_cast<Number>(values_.size()); }
  const Value& operator[](Number value) const { return values_[value]; }

 private:
  struct Hash {
    std::size_t operator()(const ir::Expr& expr) const { return expr.node().hash; }
  };
  void add(const ir::Expr& expr);

  OperandOrder order_;
  std::vector<Value> values_;
  // The keys have one placeholder per value in place of their operands, so that comparing two takes constant time.
  std::unordered_map<ir::Expr, Number, Hash> known_;
  std::vector<ir::Expr> placeholders_;                   // per value
  std::unordered_map<const ir::Node*, Number> numbers_;  // visit_ keeps the nodes alive
  std::unordered_map<std::uint32_t, Number> variables_;
  ir::ExprVisitor visit_;
};

/// Gives the expression for a value; `rewritten` holds those of all values before it.
using ValueRewrite = std::function<ir::Expr(ValueTable::Number value, const std::vector<ir::Expr>& rewritten)>;

/// Numbers the expressions of the cell block, variables as values of their own, and counts their uses.
void number_cell_block(const ir::Kernel& kernel, ValueTable& table);
/// The kernel with the expressions of the cell block replaced. `table` is from number_cell_block.
ir::Kernel replace_values(const ir::Kernel& kernel, ValueTable& table, const ValueRewrite& rewrite);
/// The value as it is, with rewritten operands.
ir::Expr keep_value(const ValueTable::Value& value, const std::vector<ir::Expr>& rewritten);

/// Constants, variables, parameters, cell coordinates and strides: never worth a variable.
bool is_trivial(const ir::Expr& expr);

}  // namespace cppstencils::passes
