#include "passes/fold_constants.hpp"

#include <cmath>
#include <map>
#include <optional>

#include "ir/arithmetic.hpp"
#include "ir/builder.hpp"
#include "ir/traverse.hpp"

namespace cppstencils::passes {
namespace {

using ir::BinaryOp;
using ir::CompareOp;
using ir::Expr;
using ir::UnaryOp;

/// A literal. NaNs differ between processors, and the text of a kernel must not.
Expr literal(DType type, std::uint64_t bits) {
  if (is_float(type) && std::isnan(ir::float_value(type, bits))) {
    bits = type == DType::float32 ? 0x7fc00000U : 0x7ff8000000000000U;
  }
  return ir::constant_from_bits(type, bits);
}

Expr zero(DType type) { return ir::constant_from_bits(type, 0); }

bool is_number(const Expr& expr, double value) {
  const auto bits = ir::constant_bits(expr);
  return bits && is_float(expr.type()) && ir::float_value(expr.type(), *bits) == value;
}

bool is_integer_literal(const Expr& expr, std::int64_t value) {
  const auto bits = ir::constant_bits(expr);
  if (!bits || !is_integer(expr.type())) return false;
  return value >= 0 || is_signed_integer(expr.type()) ? ir::int_value(expr.type(), *bits) == value : false;
}

bool is_one(const Expr& expr) { return is_number(expr, 1) || is_integer_literal(expr, 1); }
bool is_minus_one(const Expr& expr) { return is_number(expr, -1) || is_integer_literal(expr, -1); }
bool is_all_ones(const Expr& expr) {
  const auto bits = ir::constant_bits(expr);
  return bits && is_integer(expr.type()) && *bits == ~std::uint64_t{0} >> (64 - 8 * size_of(expr.type()));
}
bool is_integer_zero(const Expr& expr) { return is_integer_literal(expr, 0); }

/// x + expr is x for every x.
bool is_neutral_addend(const Expr& expr) {
  return is_integer_zero(expr) ||
         (is_number(expr, 0) && std::signbit(ir::float_value(expr.type(), *ir::constant_bits(expr))));
}
/// x - expr is x for every x.
bool is_neutral_subtrahend(const Expr& expr) {
  return is_integer_zero(expr) ||
         (is_number(expr, 0) && !std::signbit(ir::float_value(expr.type(), *ir::constant_bits(expr))));
}

const Expr* operand_of(const Expr& expr, UnaryOp op) {
  const auto* unary = ir::get_if<ir::Unary>(expr);
  return unary != nullptr && unary->op == op ? &unary->operand : nullptr;
}

const Expr* negated(const Expr& expr) { return operand_of(expr, UnaryOp::negate); }

/// 1 / expr when `expr` is a power of two, so that dividing by it is the same as multiplying.
std::optional<Expr> exact_reciprocal(const Expr& expr) {
  const auto bits = ir::constant_bits(expr);
  if (!bits || !is_float(expr.type())) return {};
  const double value = ir::float_value(expr.type(), *bits);
  int exponent = 0;
  if (!std::isfinite(value) || std::fabs(std::frexp(value, &exponent)) != 0.5) return {};
  const int limit = expr.type() == DType::float32 ? 125 : 1021;
  if (exponent < -limit || exponent > limit) return {};
  return ir::float_constant(expr.type(), 1 / value);
}

Expr simplify(const Expr& expr);

Expr negate(const Expr& expr) { return simplify(ir::unary(UnaryOp::negate, expr)); }
Expr combine(BinaryOp op, const Expr& left, const Expr& right) { return simplify(ir::binary(op, left, right)); }

Expr simplify_unary(const Expr& expr, const ir::Unary& e) {
  if (const auto bits = ir::constant_bits(e.operand))
    return literal(expr.type(), ir::evaluate(e.op, expr.type(), *bits));
  switch (e.op) {
    case UnaryOp::negate:
      if (const Expr* inner = negated(e.operand)) return *inner;
      if (const auto* product = ir::get_if<ir::Binary>(e.operand); product && product->op == BinaryOp::multiply) {
        if (ir::is_constant(product->left)) return combine(BinaryOp::multiply, negate(product->left), product->right);
        if (ir::is_constant(product->right)) return combine(BinaryOp::multiply, product->left, negate(product->right));
      }
      return expr;
    case UnaryOp::logical_not:
      if (const Expr* inner = operand_of(e.operand, UnaryOp::logical_not)) return *inner;
      if (const auto* compare = ir::get_if<ir::Compare>(e.operand)) {
        if (compare->op == CompareOp::equal) return ir::compare(CompareOp::not_equal, compare->left, compare->right);
        if (compare->op == CompareOp::not_equal) return ir::compare(CompareOp::equal, compare->left, compare->right);
      }
      return expr;
    case UnaryOp::absolute:
      if (is_unsigned_integer(expr.type())) return e.operand;
      if (const Expr* inner = negated(e.operand)) return simplify(ir::unary(UnaryOp::absolute, *inner));
      if (operand_of(e.operand, UnaryOp::absolute) != nullptr) return e.operand;
      return expr;
    case UnaryOp::square_root:
    case UnaryOp::floor:
    case UnaryOp::ceil:
    case UnaryOp::rarely:
      return expr;
  }
  return expr;
}

Expr simplify_add(const Expr& expr, const ir::Binary& e) {
  if (is_neutral_addend(e.right)) return e.left;
  if (is_neutral_addend(e.left)) return e.right;
  if (const Expr* inner = negated(e.right)) return combine(BinaryOp::subtract, e.left, *inner);
  if (const Expr* inner = negated(e.left)) return combine(BinaryOp::subtract, e.right, *inner);
  return expr;
}

Expr simplify_subtract(const Expr& expr, const ir::Binary& e) {
  if (is_neutral_subtrahend(e.right)) return e.left;
  if (is_neutral_addend(e.left)) return negate(e.right);
  if (const Expr* inner = negated(e.right)) return combine(BinaryOp::add, e.left, *inner);
  if (is_integer(expr.type()) && e.left == e.right) return zero(expr.type());
  return expr;
}

Expr simplify_multiply(const Expr& expr, const ir::Binary& e) {
  if (is_one(e.right)) return e.left;
  if (is_one(e.left)) return e.right;
  if (is_minus_one(e.right)) return negate(e.left);
  if (is_minus_one(e.left)) return negate(e.right);
  if (is_integer_zero(e.left) || is_integer_zero(e.right)) return zero(expr.type());
  const Expr* left = negated(e.left);
  const Expr* right = negated(e.right);
  if (left != nullptr && right != nullptr) return combine(BinaryOp::multiply, *left, *right);
  if (left != nullptr && ir::is_constant(e.right)) return combine(BinaryOp::multiply, *left, negate(e.right));
  if (right != nullptr && ir::is_constant(e.left)) return combine(BinaryOp::multiply, negate(e.left), *right);
  return expr;
}

Expr simplify_divide(const Expr& expr, const ir::Binary& e) {
  if (is_one(e.right)) return e.left;
  if (is_minus_one(e.right)) return negate(e.left);
  if (is_integer_zero(e.right)) return zero(expr.type());
  if (const auto reciprocal = exact_reciprocal(e.right)) return combine(BinaryOp::multiply, e.left, *reciprocal);
  if (!is_float(expr.type())) return expr;  // -x / y can differ from x / -y where -x wraps
  const Expr* left = negated(e.left);
  const Expr* right = negated(e.right);
  if (left != nullptr && right != nullptr) return combine(BinaryOp::divide, *left, *right);
  if (left != nullptr && ir::is_constant(e.right)) return combine(BinaryOp::divide, *left, negate(e.right));
  if (right != nullptr && ir::is_constant(e.left)) return combine(BinaryOp::divide, negate(e.left), *right);
  return expr;
}

Expr simplify_bits(const Expr& expr, const ir::Binary& e) {
  const bool is_and = e.op == BinaryOp::bit_and;
  if (e.left == e.right) return is_and ? e.left : zero(expr.type());
  for (const auto& [side, other] : {std::pair(e.left, e.right), std::pair(e.right, e.left)}) {
    if (is_integer_zero(side)) return is_and ? side : other;
    if (is_and && is_all_ones(side)) return other;
  }
  return expr;
}

Expr simplify_logical(const Expr& expr, const ir::Binary& e) {
  // This literal leaves the other operand; the opposite one decides the result.
  const bool neutral = e.op == BinaryOp::logical_and;
  for (const auto& [side, other] : {std::pair(e.left, e.right), std::pair(e.right, e.left)}) {
    if (const auto bits = ir::constant_bits(side)) return (*bits != 0) == neutral ? other : side;
  }
  return e.left == e.right ? e.left : expr;
}

Expr simplify_binary(const Expr& expr, const ir::Binary& e) {
  const auto left = ir::constant_bits(e.left);
  const auto right = ir::constant_bits(e.right);
  if (left && right) return literal(expr.type(), ir::evaluate(e.op, expr.type(), *left, *right));
  switch (e.op) {
    case BinaryOp::add:
      return simplify_add(expr, e);
    case BinaryOp::subtract:
      return simplify_subtract(expr, e);
    case BinaryOp::multiply:
      return simplify_multiply(expr, e);
    case BinaryOp::divide:
      return simplify_divide(expr, e);
    case BinaryOp::minimum:
    case BinaryOp::maximum:
      return e.left == e.right ? e.left : expr;
    case BinaryOp::bit_and:
    case BinaryOp::bit_xor:
      return simplify_bits(expr, e);
    case BinaryOp::logical_and:
    case BinaryOp::logical_or:
      return simplify_logical(expr, e);
  }
  return expr;
}

Expr simplify_fused(const Expr& expr, const ir::FusedMultiplyAdd& e) {
  const auto a = ir::constant_bits(e.a);
  const auto b = ir::constant_bits(e.b);
  const auto c = ir::constant_bits(e.c);
  if (a && b && c) return literal(expr.type(), ir::evaluate_fused_multiply_add(expr.type(), *a, *b, *c));
  if (is_one(e.a)) return combine(BinaryOp::add, e.b, e.c);
  if (is_one(e.b)) return combine(BinaryOp::add, e.a, e.c);
  if (is_minus_one(e.a)) return combine(BinaryOp::subtract, e.c, e.b);
  if (is_minus_one(e.b)) return combine(BinaryOp::subtract, e.c, e.a);
  if (is_neutral_addend(e.c)) return combine(BinaryOp::multiply, e.a, e.b);
  const Expr* negated_a = negated(e.a);
  const Expr* negated_b = negated(e.b);
  if (negated_a != nullptr && negated_b != nullptr) return ir::fused_multiply_add(*negated_a, *negated_b, e.c);
  if (negated_a != nullptr && b) return ir::fused_multiply_add(*negated_a, negate(e.b), e.c);
  if (negated_b != nullptr && a) return ir::fused_multiply_add(negate(e.a), *negated_b, e.c);
  return expr;
}

Expr simplify_compare(const Expr& expr, const ir::Compare& e) {
  const DType type = e.left.type();
  const auto left = ir::constant_bits(e.left);
  const auto right = ir::constant_bits(e.right);
  if (left && right) return literal(DType::boolean, ir::evaluate(e.op, type, *left, *right));
  if (!is_float(type) && e.left == e.right) {
    return ir::bool_constant(e.op == CompareOp::equal || e.op == CompareOp::less_equal);
  }
  if (type == DType::boolean) {
    for (const auto& [side, other] : {std::pair(left, e.right), std::pair(right, e.left)}) {
      if (!side) continue;
      const bool keeps = (*side != 0) == (e.op == CompareOp::equal);
      return keeps ? other : simplify(ir::unary(UnaryOp::logical_not, other));
    }
  }
  return expr;
}

Expr simplify_select(const Expr& expr, const ir::Select& e) {
  if (const auto bits = ir::constant_bits(e.condition)) return *bits != 0 ? e.if_true : e.if_false;
  if (e.if_true == e.if_false) return e.if_true;
  if (const Expr* inner = operand_of(e.condition, UnaryOp::logical_not)) {
    return simplify(ir::select(*inner, e.if_false, e.if_true));
  }
  return expr;
}

Expr simplify_cast(const Expr& expr, const ir::Cast& e) {
  if (expr.type() == e.operand.type()) return e.operand;
  if (const auto bits = ir::constant_bits(e.operand)) {
    return literal(expr.type(), ir::evaluate_cast(expr.type(), e.operand.type(), *bits));
  }
  return expr;
}

Expr simplify_reinterpret(const Expr& expr, const ir::Reinterpret& e) {
  // Equal sizes, so that the zero-extended bits are the same.
  if (const auto bits = ir::constant_bits(e.operand)) return literal(expr.type(), *bits);
  const auto* inner = ir::get_if<ir::Reinterpret>(e.operand);
  return inner != nullptr && inner->operand.type() == expr.type() ? inner->operand : expr;
}

/// A node whose operands are simple already.
Expr simplify(const Expr& expr) {
  return ir::match(
      expr, [&](const ir::Constant&) { return expr; }, [&](const ir::Variable&) { return expr; },
      [&](const ir::ScalarParameter&) { return expr; }, [&](const ir::LoopIndex&) { return expr; },
      [&](const ir::Stride&) { return expr; }, [&](const ir::Load&) { return expr; },
      [&](const ir::ElementLoad&) { return expr; }, [&](const ir::Unary& e) { return simplify_unary(expr, e); },
      [&](const ir::Binary& e) { return simplify_binary(expr, e); },
      [&](const ir::FusedMultiplyAdd& e) { return simplify_fused(expr, e); },
      [&](const ir::Compare& e) { return simplify_compare(expr, e); },
      [&](const ir::Select& e) { return simplify_select(expr, e); }, [&](const ir::Call&) { return expr; },
      [&](const ir::Cast& e) { return simplify_cast(expr, e); },
      [&](const ir::Reinterpret& e) { return simplify_reinterpret(expr, e); });
}

class ConstantFolder {
 public:
  ir::Block fold(const ir::Block& block) {
    ir::Block result;
    result.reserve(block.size());
    for (const ir::Stmt& stmt : block) {
      result.push_back(ir::match(
          stmt,
          [&](const ir::Let& s) {
            Expr value = rewrite_(s.value);
            if (ir::is_constant(value)) literals_.emplace(s.id, value);
            return ir::Stmt{ir::Let{s.id, std::move(value)}};
          },
          [&](const ir::Store& s) {
            return ir::Stmt{ir::Store{s.buffer, s.offsets, s.index, rewrite_(s.value)}};
          },
          [&](const ir::ElementStore& s) {
            Expr position = rewrite_(s.position);
            return ir::Stmt{ir::ElementStore{s.buffer, std::move(position), rewrite_(s.value)}};
          },
          [&](const ir::Reduce& s) {
            return ir::Stmt{ir::Reduce{s.id, rewrite_(s.value)}};
          },
          [&](const ir::Loop& s) {
            return ir::Stmt{ir::Loop{s.dimension, s.step, fold(s.body)}};
          }));
    }
    return result;
  }

 private:
  Expr rewrite(const Expr& expr) const {
    if (const auto* variable = ir::get_if<ir::Variable>(expr)) {
      const auto found = literals_.find(variable->id);
      return found == literals_.end() ? expr : found->second;
    }
    return simplify(expr);
  }

  std::map<ir::VarId, Expr> literals_;
  ir::ExprRewriter rewrite_{[this](const Expr& expr) { return rewrite(expr); }};
};

}  // namespace

ir::Kernel fold_constants(const ir::Kernel& kernel) {
  ir::Kernel result = kernel;
  result.body = ConstantFolder().fold(kernel.body);
  return result;
}

}  // namespace cppstencils::passes
