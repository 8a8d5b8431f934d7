#include <bit>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "cppstencils/sym/expr.hpp"
#include "support/fixed_hash.hpp"
#include "sym/number.hpp"
#include "sym/operands.hpp"

namespace cppstencils {

namespace {

template <class T>
std::strong_ordering order_of(const T& a, const T& b) {
  return a < b ? std::strong_ordering::less : b < a ? std::strong_ordering::greater : std::strong_ordering::equal;
}

auto key_of(const sym::FieldInfo& field) {
  return std::tie(field.name, field.dtype, field.rank, field.index_shape, field.shape, field.layout);
}

// What two nodes of one kind hold besides their operands.
std::strong_ordering compare_payload(const sym::Kind& left, const sym::Kind& right) {
  const auto other = [&]<class Kind>(const Kind&) -> const Kind& { return std::get<Kind>(right); };
  return match_kind(
      left, [&](const sym::Number& number) { return sym::compare(number, other(number)); },
      // Bits, so that a NaN equals itself and 0.0 differs from -0.0.
      [&](const sym::Float& number) {
        return std::bit_cast<std::uint64_t>(number.value) <=> std::bit_cast<std::uint64_t>(other(number).value);
      },
      [&](const sym::Boolean& truth) { return order_of(truth.value, other(truth).value); },
      [&](const sym::SymbolAtom& symbol) {
        return order_of(std::tie(symbol.name, symbol.dtype), std::tie(other(symbol).name, other(symbol).dtype));
      },
      [&](const sym::Access& access) {
        const sym::Access& second = other(access);
        if (access.field != second.field) {
          const std::strong_ordering order = order_of(key_of(*access.field), key_of(*second.field));
          if (order != 0) return order;
        }
        return order_of(std::tie(access.offsets, access.index), std::tie(second.offsets, second.index));
      },
      [&](const sym::Coordinate& coordinate) { return order_of(coordinate.dimension, other(coordinate).dimension); },
      [](const sym::Sum&) { return std::strong_ordering::equal; },
      [](const sym::Product&) { return std::strong_ordering::equal; },
      [](const sym::Power&) { return std::strong_ordering::equal; },
      [&](const sym::Call& call) { return order_of(call.function, other(call).function); },
      [&](const sym::Comparison& comparison) { return order_of(comparison.relation, other(comparison).relation); },
      [&](const sym::Logical& logical) { return order_of(logical.connective, other(logical).connective); },
      [](const sym::Select&) { return std::strong_ordering::equal; },
      [&](const sym::Cast& cast) { return order_of(cast.dtype, other(cast).dtype); },
      [&](const sym::RandomNumber& random) {
        const sym::RandomNumber& second = other(random);
        return order_of(std::tie(random.dtype, random.position), std::tie(second.dtype, second.position));
      });
}

using NodePair = std::pair<const sym::Node*, const sym::Node*>;

struct NodePairHash {
  std::size_t operator()(const NodePair& pair) const {
    return support::FixedHash()
        .add(reinterpret_cast<std::uintptr_t>(pair.first))
        .add(reinterpret_cast<std::uintptr_t>(pair.second))
        .value();
  }
};

void take_operands(const sym::Node& node, std::vector<const sym::Node*>& result) {
  result.clear();
  std::visit(
      [&](const auto& kind) {
        sym::for_each_operand(kind, [&](const Expr& operand) { result.push_back(&operand.node()); });
      },
      node.kind);
}

}  // namespace

// Compares pairs of nodes from left to right, with a stack of its own. A pair of shared nodes that comes again was
// found equal before, so that equal graphs take time linear in their size.
std::strong_ordering compare(const Expr& left, const Expr& right) noexcept {
  std::vector<NodePair> waiting{{&left.node(), &right.node()}};
  std::unordered_set<NodePair, NodePairHash> seen;
  std::vector<const sym::Node*> left_operands;
  std::vector<const sym::Node*> right_operands;
  while (!waiting.empty()) {
    const auto [a, b] = waiting.back();
    waiting.pop_back();
    if (a == b) continue;
    if (a->kind.index() != b->kind.index()) return a->kind.index() <=> b->kind.index();
    if (const std::strong_ordering order = compare_payload(a->kind, b->kind); order != 0) return order;
    if (a->depth == 1 && b->depth == 1) continue;
    if (!seen.insert({a, b}).second) continue;
    take_operands(*a, left_operands);
    take_operands(*b, right_operands);
    if (left_operands.size() != right_operands.size()) return left_operands.size() <=> right_operands.size();
    for (std::size_t i = left_operands.size(); i > 0; --i)
      waiting.push_back({left_operands[i - 1], right_operands[i - 1]});
  }
  return std::strong_ordering::equal;
}

bool operator==(const Expr& left, const Expr& right) noexcept {
  if (left.same_node(right)) return true;
  return left.node().hash == right.node().hash && compare(left, right) == 0;
}

}  // namespace cppstencils
