#pragma once

#include <array>
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
  /// The operands of a value, of which no kind of node has more than three.
  class Operands {
   public:
    void push_back(Number operand);
    Number operator[](std::size_t i) const { return numbers_[i]; }
    const Number* begin() const { return numbers_.data(); }
    const Number* end() const { return numbers_.data() + count_; }
    std::size_t size() const { return count_; }
    bool operator==(const Operands& other) const = default;

   private:
    std::array<Number, 3> numbers_ = {};
    std::uint32_t count_ = 0;
  };
  struct Value {
    /// As first seen.
    ir::Expr expr;
    Operands operands;
    /// Number of operands of other values, and of statements, that are this value.
    std::uint32_t uses = 0;
  };

  explicit ValueTable(OperandOrder order = OperandOrder::significant) : order_(order) {}
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
  void add(const ir::Expr& expr);
  bool is(Number value, const ir::Expr& expr, const Operands& operands, bool any_order) const;
  /// The place of the value in `slots_`, or of the free slot where it belongs.
  std::size_t slot_of(std::uint64_t hash, const ir::Expr& expr, const Operands& operands, bool any_order) const;
  void grow();

  static constexpr Number none = 0xffffffff;

  OperandOrder order_;
  std::vector<Value> values_;
  std::vector<std::uint64_t> hashes_;  // per value, of its payload and the numbers of its operands
  std::vector<Number> slots_;          // by hash, open addressing; a power of two, at most half full
  ir::NodeMap<Number> numbers_;
  std::unordered_map<std::uint32_t, Number> variables_;
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
