#include "passes/contract_multiply_adds.hpp"

#include <optional>
#include <utility>

#include "ir/arithmetic.hpp"
#include "ir/builder.hpp"
#include "passes/value_table.hpp"

namespace cppstencils::passes {
namespace {

using ir::BinaryOp;
using ir::Expr;
using ir::UnaryOp;

struct Factors {
  Expr a;
  Expr b;
};

Expr negate(const Expr& expr) {
  if (const auto bits = ir::constant_bits(expr)) {
    return ir::constant_from_bits(expr.type(), ir::evaluate(UnaryOp::negate, expr.type(), *bits));
  }
  if (const auto* unary = ir::get_if<ir::Unary>(expr); unary != nullptr && unary->op == UnaryOp::negate) {
    return unary->operand;
  }
  return ir::unary(UnaryOp::negate, expr);
}

bool is_negation(const Expr& expr) {
  const auto* unary = ir::get_if<ir::Unary>(expr);
  return unary != nullptr && unary->op == UnaryOp::negate;
}

Factors negate(Factors factors) {
  const bool second = !ir::is_constant(factors.a) &&
                      (ir::is_constant(factors.b) || (is_negation(factors.b) && !is_negation(factors.a)));
  Expr& factor = second ? factors.b : factors.a;
  factor = negate(factor);
  return factors;
}

class Contractor {
 public:
  explicit Contractor(const ValueTable& table) : table_(table) {}

  bool has_fused() const { return has_fused_; }

  Expr rewrite(ValueTable::Number number, const std::vector<Expr>& rewritten) {
    const ValueTable::Value& value = table_[number];
    const auto* sum = ir::get_if<ir::Binary>(value.expr);
    if (sum == nullptr || !is_float(value.expr.type())) return keep_value(value, rewritten);
    const bool subtracts = sum->op == BinaryOp::subtract;
    if (sum->op != BinaryOp::add && !subtracts) return keep_value(value, rewritten);
    const ValueTable::Number left = value.operands[0];
    const ValueTable::Number right = value.operands[1];
    if (auto factors = product(right, rewritten)) {
      has_fused_ = true;
      if (subtracts) factors = negate(*factors);
      return ir::fused_multiply_add(factors->a, factors->b, rewritten[left]);
    }
    if (const auto factors = product(left, rewritten)) {
      has_fused_ = true;
      return ir::fused_multiply_add(factors->a, factors->b, subtracts ? negate(rewritten[right]) : rewritten[right]);
    }
    return keep_value(value, rewritten);
  }

 private:
  /// The factors of a product that nothing else uses.
  std::optional<Factors> product(ValueTable::Number number, const std::vector<Expr>& rewritten) const {
    const ValueTable::Value& value = table_[number];
    if (value.uses != 1) return {};
    if (is_negation(value.expr)) {
      auto factors = product(value.operands[0], rewritten);
      return factors ? std::optional(negate(*factors)) : std::nullopt;
    }
    const auto* binary = ir::get_if<ir::Binary>(value.expr);
    if (binary == nullptr || binary->op != BinaryOp::multiply) return {};
    return Factors{rewritten[value.operands[0]], rewritten[value.operands[1]]};
  }

  const ValueTable& table_;
  bool has_fused_ = false;
};

}  // namespace

ir::Kernel contract_multiply_adds(const ir::Kernel& kernel) {
  // Two sums can become the same fused operation, and then a product that both used is used once.
  ir::Kernel result = kernel;
  for (;;) {
    ValueTable table;
    number_cell_block(result, table);
    Contractor contractor(table);
    result = replace_values(result, table,
                            [&](auto number, const auto& rewritten) { return contractor.rewrite(number, rewritten); });
    if (!contractor.has_fused()) return result;
  }
}

}  // namespace cppstencils::passes
