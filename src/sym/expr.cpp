#include "cppstencils/sym/expr.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "support/fixed_hash.hpp"
#include "sym/number.hpp"
#include "sym/operands.hpp"

namespace cppstencils {

namespace {

using support::FixedHash;

// Below this depth, nodes are destroyed by plain recursion, which is faster.
constexpr std::uint32_t recursion_depth = 64;

/// A node in the heap. Releases deep operands one after the other, so that the stack stays small.
struct HeapNode : sym::Node {
  explicit HeapNode(sym::Node&& node) : sym::Node(std::move(node)) {}
  HeapNode(const HeapNode&) = delete;
  HeapNode& operator=(const HeapNode&) = delete;
  ~HeapNode() {
    if (depth <= recursion_depth) return;
    // The operands that wait for their release; set while an outer destructor of this thread works on them.
    static thread_local std::vector<Expr>* waiting = nullptr;
    const auto take_operands = [&](std::vector<Expr>& target) {
      std::visit(
          [&](auto& payload) {
            sym::for_each_operand(payload, [&](Expr& operand) { target.push_back(std::move(operand)); });
          },
          kind);
    };
    if (waiting != nullptr) {
      take_operands(*waiting);
      return;
    }
    std::vector<Expr> operands;
    waiting = &operands;
    take_operands(operands);
    while (!operands.empty()) {
      const Expr released = std::move(operands.back());
      operands.pop_back();
    }
    waiting = nullptr;
  }
};

void add_integers(FixedHash& hash, const std::vector<std::int64_t>& values) {
  hash.add(values.size());
  for (const std::int64_t value : values) hash.add(static_cast<std::uint64_t>(value));
}

// What a node holds besides its operands.
void add_payload(FixedHash& hash, const sym::Kind& kind) {
  hash.add(kind.index());
  match_kind(
      kind,
      [&](const sym::Number& number) {
        hash.add(static_cast<std::uint64_t>(number.numerator)).add(static_cast<std::uint64_t>(number.denominator));
      },
      [&](const sym::Float& number) { hash.add(std::bit_cast<std::uint64_t>(number.value)); },
      [&](const sym::Boolean& truth) { hash.add(truth.value ? 1 : 0); },
      [&](const sym::SymbolAtom& symbol) {
        hash.add(symbol.name).add(symbol.dtype ? 1 + static_cast<std::uint64_t>(*symbol.dtype) : 0);
      },
      [&](const sym::Access& access) {
        hash.add(access.field->name);
        add_integers(hash, access.offsets);
        add_integers(hash, access.index);
      },
      [&](const sym::Coordinate& coordinate) { hash.add(static_cast<std::uint64_t>(coordinate.dimension)); },
      [](const sym::Sum&) {}, [](const sym::Product&) {}, [](const sym::Power&) {},
      [&](const sym::Call& call) { hash.add(static_cast<std::uint64_t>(call.function)); },
      [&](const sym::Comparison& comparison) { hash.add(static_cast<std::uint64_t>(comparison.relation)); },
      [&](const sym::Logical& logical) { hash.add(static_cast<std::uint64_t>(logical.connective)); },
      [](const sym::Select&) {}, [&](const sym::Cast& cast) { hash.add(static_cast<std::uint64_t>(cast.dtype)); },
      [&](const sym::RandomNumber& random) {
        hash.add(static_cast<std::uint64_t>(random.dtype)).add(static_cast<std::uint64_t>(random.position));
      });
}

}  // namespace

Expr::Expr(sym::Node node) {
  FixedHash hash;
  add_payload(hash, node.kind);
  std::uint32_t depth = 0;
  const auto add_operand = [&](const Expr& operand) {
    hash.add(operand.node().hash);
    depth = std::max(depth, operand.node().depth);
  };
  std::visit([&](const auto& kind) { sym::for_each_operand(kind, add_operand); }, node.kind);
  if (depth >= max_expression_depth) {
    throw ExpressionError(
        {.code = ErrorCode::expression_too_deep,
         .message = fmt::format("The expression is nested more than {} levels deep.", max_expression_depth),
         .hints = {"Name a part of it as a sub-expression with AssignmentList::define()."}});
  }
  node.hash = hash.value();
  node.depth = depth + 1;
  node_ = std::make_shared<HeapNode>(std::move(node));
}

Expr::Expr() : Expr(from_int64(0)) {}
Expr Expr::from_int64(std::int64_t value) { return Expr(sym::Node{sym::Number{value, 1}}); }
Expr Expr::from_uint64(std::uint64_t value) {
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    sym::fail_overflow(fmt::format("{}", value));
  }
  return from_int64(static_cast<std::int64_t>(value));
}
Expr Expr::from_double(double value) {
  // One NaN, so that its structure does not depend on how it was computed.
  return Expr(sym::Node{sym::Float{std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value}});
}
Expr Expr::from_boolean(bool value) { return Expr(sym::Node{sym::Boolean{value}}); }

}  // namespace cppstencils
