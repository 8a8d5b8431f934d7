#include "emit/ir_to_llvm_row.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "cppstencils/support/error.hpp"
#include "emit/ir_to_llvm_types.hpp"
#include "ir/builder.hpp"
#include "ir/operands.hpp"

namespace cppstencils::emit {
namespace {

// Positions wrap like every integer of the IR.
std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
std::int64_t wrapping_multiply(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

}  // namespace

using llvm::Value;

Row::Row(Scope& scope, const ir::Loop& loop) : scope_(scope), loop_(loop) {
  for (const ir::Stmt& stmt : loop.body) {
    ir::match(
        stmt, [&](const ir::Let& let) { scope_.define_later(let.id, let.value); },
        [](const ir::Store&) { CPPSTENCILS_CHECK(false, "A kernel has accesses that were not lowered."); },
        [&](const ir::ElementStore& store) { facts_.stores.push_back(&store); },
        [&](const ir::Reduce& reduce) { facts_.reduces.push_back(&reduce); },
        [](const ir::Loop&) { CPPSTENCILS_CHECK(false, "The innermost loop has a loop in it."); });
  }
  collect_facts();
}

void Row::collect_facts() {
  std::unordered_set<const ir::Node*> seen;
  std::vector<const ir::Expr*> pending;
  std::vector<const ir::Expr*> rare;
  bool is_rare = false;
  const auto add = [&](const ir::Expr& expr) {
    if (seen.insert(&expr.node()).second) pending.push_back(&expr);
  };
  const auto add_element = [&](DType dtype) {
    facts_.element_sizes.insert(size_of(dtype));
    facts_.widest = std::max(facts_.widest, size_of(dtype));
  };
  for (const ir::ElementStore* store : facts_.stores) {
    add(store->value);
    add_element(store->value.type());
  }
  for (const ir::Reduce* reduce : facts_.reduces) {
    add(reduce->value);
    add_element(reduce->value.type());
  }
  while (!pending.empty() || !rare.empty()) {
    if (pending.empty()) {
      is_rare = true;
      for (const ir::Expr* expr : std::exchange(rare, {})) add(*expr);
      continue;
    }
    const ir::Expr& expr = *pending.back();
    pending.pop_back();
    if (const auto* variable = ir::get_if<ir::Variable>(expr)) {
      if (const ir::Expr* definition = scope_.definition(variable->id)) add(*definition);
      continue;
    }
    if (ir::get_if<ir::ElementLoad>(expr) != nullptr) {
      facts_.loads.push_back(&expr);
      add_element(expr.type());
      continue;
    }
    // A coordinate is a wide type in the midst of maybe narrow ones; it costs less to split it than to halve the rest.
    // So does what few cells need.
    const bool is_split = is_rare || ir::get_if<ir::LoopIndex>(expr) != nullptr;
    if (!is_split) facts_.widest = std::max(facts_.widest, size_of(expr.type()));
    if (ir::get_if<ir::Call>(expr) != nullptr) facts_.calls_functions = true;
    const auto* select = ir::get_if<ir::Select>(expr);
    if (select != nullptr && is_rarely(select->condition)) {
      add(select->condition);
      add(select->if_false);
      rare.push_back(&select->if_true);
    } else {
      ir::for_each_operand_of(expr, add);
    }
  }
}

bool Row::is_rarely(const ir::Expr& condition) const {
  const ir::Expr* expr = &condition;
  while (const auto* variable = ir::get_if<ir::Variable>(*expr)) {
    expr = scope_.definition(variable->id);
    if (expr == nullptr) return false;
  }
  const auto* unary = ir::get_if<ir::Unary>(*expr);
  return unary != nullptr && unary->op == ir::UnaryOp::rarely;
}

bool Row::is_invariant(const ir::Expr& expr) {
  const auto known = invariant_.find(&expr.node());
  if (known != invariant_.end()) return known->second;
  bool result = true;
  if (const auto* variable = ir::get_if<ir::Variable>(expr)) {
    const ir::Expr* definition = scope_.definition(variable->id);
    result = definition == nullptr || is_invariant(*definition);
  } else if (const auto* index = ir::get_if<ir::LoopIndex>(expr)) {
    result = index->dimension != loop_.dimension;
  } else if (ir::get_if<ir::ElementLoad>(expr) != nullptr) {
    result = false;  // a row may store what it loads
  } else {
    ir::for_each_operand_of(expr, [&](const ir::Expr& operand) { result = result && is_invariant(operand); });
  }
  return invariant_[&expr.node()] = result;
}

std::optional<AffinePosition> Row::affine(const ir::Expr& position) {
  if (const auto bits = ir::constant_bits(position)) {
    return AffinePosition{.offset = static_cast<std::int64_t>(*bits)};
  }
  if (is_invariant(position)) return AffinePosition{.base = scope_.value(position)};
  if (ir::get_if<ir::LoopIndex>(position) != nullptr) return AffinePosition{.factor = 1};
  if (const auto* variable = ir::get_if<ir::Variable>(position)) return affine(*scope_.definition(variable->id));
  if (const auto* binary = ir::get_if<ir::Binary>(position)) return affine_operator(*binary);
  return std::nullopt;
}

std::optional<AffinePosition> Row::affine_operator(const ir::Binary& expr) {
  const auto left = affine(expr.left);
  const auto right = affine(expr.right);
  if (!left || !right) return std::nullopt;
  if (expr.op == ir::BinaryOp::add) return sum(*left, *right);
  if (expr.op == ir::BinaryOp::subtract) return sum(*left, scaled(*right, -1));
  if (expr.op != ir::BinaryOp::multiply) return std::nullopt;
  const auto multiply = [&](const AffinePosition& a, const ir::Expr& factor) {
    const auto bits = ir::constant_bits(factor);
    return bits ? scaled(a, static_cast<std::int64_t>(*bits)) : scaled(a, scope_.value(factor));
  };
  if (is_invariant(expr.right)) return multiply(*left, expr.right);
  if (is_invariant(expr.left)) return multiply(*right, expr.left);
  return std::nullopt;
}

AffinePosition Row::sum(const AffinePosition& a, const AffinePosition& b) {
  AffinePosition result;
  result.base = scope_.add(a.base, b.base);
  result.offset = wrapping_add(a.offset, b.offset);
  if (a.stride == nullptr && b.stride == nullptr) {
    result.factor = wrapping_add(a.factor, b.factor);
  } else {
    result.stride = scope_.add(coefficient(a), coefficient(b));
  }
  return result;
}

AffinePosition Row::scaled(const AffinePosition& a, std::int64_t factor) {
  AffinePosition result;
  result.base = scope_.multiply(a.base, scope_.int64(factor));
  result.offset = wrapping_multiply(a.offset, factor);
  result.factor = wrapping_multiply(a.factor, factor);
  result.stride = scope_.multiply(a.stride, scope_.int64(factor));
  return result;
}

AffinePosition Row::scaled(const AffinePosition& a, Value* factor) {
  AffinePosition result;
  Value* offset = a.offset == 0 ? nullptr : scope_.int64(a.offset);
  result.base = scope_.multiply(scope_.add(a.base, offset), factor);
  result.stride = a.has_coefficient(1) ? factor : scope_.multiply(coefficient(a), factor);
  return result;
}

Value* Row::coefficient(const AffinePosition& position) {
  if (position.stride != nullptr) return position.stride;
  return position.factor == 0 ? nullptr : scope_.int64(position.factor);
}

Value* Row::pointer(ir::BufferId buffer, const AffinePosition& position) {
  Value* slope = coefficient(position);
  Value*& pointer = pointers_[{buffer.value, position.base, slope}];
  if (pointer != nullptr) return pointer;
  Value* begin = scope_.begin(loop_.dimension);
  Value* first = position.has_coefficient(1) ? begin : scope_.multiply(slope, begin);
  Value* start = scope_.add(position.base, first);
  pointer = scope_.data(buffer);
  if (start == nullptr) return pointer;
  llvm::Type* type = memory_type(scope_.context(), scope_.kernel().buffer(buffer).dtype);
  return pointer = scope_.builder.CreateGEP(type, pointer, start);
}

Value* Row::splat(Value* scalar, unsigned lanes) {
  Value*& vector = splats_[{scalar, lanes}];
  return vector != nullptr ? vector : vector = emit::splat(scope_.builder, scalar, lanes);
}

Stepping Row::stepping(const AffinePosition& position) const {
  if (position.has_coefficient(0)) return Stepping::same_element;
  return position.has_coefficient(1) && loop_.step == 1 ? Stepping::next_element : Stepping::strided;
}

Value* Row::lane_distances(const AffinePosition& position, unsigned lanes) {
  Value* distance = scope_.multiply(coefficient(position), scope_.int64(loop_.step));
  Value*& distances = lane_distances_[{distance, lanes}];
  if (distances != nullptr) return distances;
  return distances = scope_.builder.CreateMul(splat(distance, lanes), lane_numbers(scope_.context(), lanes));
}

}  // namespace cppstencils::emit
