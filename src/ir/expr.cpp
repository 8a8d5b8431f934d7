#include "cppstencils/ir/expr.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "cppstencils/support/error.hpp"
#include "ir/operands.hpp"
#include "ir/payload.hpp"
#include "ir/typing.hpp"
#include "support/fixed_hash.hpp"

namespace cppstencils::ir {
namespace {

// Below this depth, nodes are destroyed and compared by plain recursion, which is faster.
constexpr std::uint32_t recursion_depth = 64;

/// A node in the heap. Releases deep operands one after the other, so that the stack stays small.
struct HeapNode : Node {
  explicit HeapNode(Node&& node) : Node(std::move(node)) {}
  HeapNode(const HeapNode&) = delete;
  HeapNode& operator=(const HeapNode&) = delete;
  ~HeapNode() {
    if (depth <= recursion_depth) return;
    // The operands that wait for their release; set while an outer destructor of this thread works on them.
    static thread_local std::vector<Expr>* waiting = nullptr;
    const auto take_operands = [&](std::vector<Expr>& target) {
      std::visit(
          [&](auto& payload) {
            for_each_operand(payload, [&](Expr& operand) { target.push_back(std::move(operand)); });
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

void add_payload(support::FixedHash& hash, const NodeKind& kind) {
  const auto add_offsets = [&](const std::vector<std::int64_t>& values) {
    hash.add(values.size());
    for (const std::int64_t value : values) hash.add(static_cast<std::uint64_t>(value));
  };
  match_kind(
      kind, [&](const Constant& e) { hash.add(e.bits); }, [&](const Variable& e) { hash.add(e.id.value); },
      [&](const ScalarParameter& e) { hash.add(e.id.value); },
      [&](const LoopIndex& e) { hash.add(static_cast<std::uint64_t>(e.dimension)); },
      [&](const Stride& e) { hash.add(e.buffer.value).add(static_cast<std::uint64_t>(e.axis)); },
      [&](const Load& e) {
        hash.add(e.buffer.value);
        add_offsets(e.offsets);
        add_offsets(e.index);
      },
      [&](const ElementLoad& e) { hash.add(e.buffer.value); },
      [&](const Unary& e) { hash.add(static_cast<std::uint64_t>(e.op)); },
      [&](const Binary& e) { hash.add(static_cast<std::uint64_t>(e.op)); }, [](const FusedMultiplyAdd&) {},
      [&](const Compare& e) { hash.add(static_cast<std::uint64_t>(e.op)); }, [](const Select&) {},
      [&](const Call& e) { hash.add(static_cast<std::uint64_t>(e.function)).add(e.arguments.size()); },
      [](const Cast&) {}, [](const Reinterpret&) {});
}

}  // namespace

std::uint64_t payload_hash(const Node& node) {
  support::FixedHash hash;
  hash.add(node.kind.index()).add(static_cast<std::uint64_t>(node.type));
  add_payload(hash, node.kind);
  return hash.value();
}

bool same_payload(const Node& left, const Node& right) {
  if (left.type != right.type || left.kind.index() != right.kind.index()) return false;
  const auto other = [&]<class Kind>(const Kind&) -> const Kind& { return std::get<Kind>(right.kind); };
  return match_kind(
      left.kind, [&](const Constant& e) { return e.bits == other(e).bits; },
      [&](const Variable& e) { return e.id == other(e).id; },
      [&](const ScalarParameter& e) { return e.id == other(e).id; },
      [&](const LoopIndex& e) { return e.dimension == other(e).dimension; },
      [&](const Stride& e) { return e.buffer == other(e).buffer && e.axis == other(e).axis; },
      [&](const Load& e) {
        const Load& o = other(e);
        return e.buffer == o.buffer && e.offsets == o.offsets && e.index == o.index;
      },
      [&](const ElementLoad& e) { return e.buffer == other(e).buffer; },
      [&](const Unary& e) { return e.op == other(e).op; }, [&](const Binary& e) { return e.op == other(e).op; },
      [](const FusedMultiplyAdd&) { return true; }, [&](const Compare& e) { return e.op == other(e).op; },
      [](const Select&) { return true; },
      [&](const Call& e) { return e.function == other(e).function && e.arguments.size() == other(e).arguments.size(); },
      [](const Cast&) { return true; }, [](const Reinterpret&) { return true; });
}

namespace {

/// Whether two nodes can be equal, and are if their operands are.
bool can_be_equal(const Node& left, const Node& right) {
  return left.hash == right.hash && left.depth == right.depth && same_payload(left, right);
}

using NodePair = std::pair<const Node*, const Node*>;

struct NodePairHash {
  std::size_t operator()(const NodePair& pair) const {
    return support::FixedHash()
        .add(reinterpret_cast<std::uintptr_t>(pair.first))
        .add(reinterpret_cast<std::uintptr_t>(pair.second))
        .value();
  }
};

std::vector<const Node*> operand_nodes(const Node& node) {
  std::vector<const Node*> nodes;
  std::visit([&](const auto& kind) { for_each_operand(kind, [&](const Expr& e) { nodes.push_back(&e.node()); }); },
             node.kind);
  return nodes;
}

}  // namespace

Expr::Expr(Node node) {
  support::FixedHash hash;
  hash.add(node.kind.index()).add(static_cast<std::uint64_t>(node.type));
  add_payload(hash, node.kind);
  std::uint32_t depth = 0;
  bool has_call = std::holds_alternative<Call>(node.kind);
  std::visit(
      [&](const auto& kind) {
        for_each_operand(kind, [&](const Expr& operand) {
          hash.add(operand.node().hash);
          depth = std::max(depth, operand.node().depth);
          has_call = has_call || operand.node().has_call;
        });
      },
      node.kind);
  CPPSTENCILS_CHECK(depth < max_expr_depth, "An expression has more than 10000 levels.");
  node.hash = hash.value();
  node.depth = depth + 1;
  node.has_call = has_call;
  node_ = std::make_shared<HeapNode>(std::move(node));
}

bool operator==(const Expr& left, const Expr& right) noexcept {
  if (left.same_node(right)) return true;
  if (!can_be_equal(left.node(), right.node())) return false;
  if (left.node().depth == 1) return true;
  // Shared nodes are compared once per pair, so that equal graphs take time linear in their size.
  std::vector<NodePair> waiting{{&left.node(), &right.node()}};
  std::unordered_set<NodePair, NodePairHash> seen;
  while (!waiting.empty()) {
    const auto [a, b] = waiting.back();
    waiting.pop_back();
    const std::vector<const Node*> as = operand_nodes(*a);
    const std::vector<const Node*> bs = operand_nodes(*b);
    for (std::size_t i = 0; i < as.size(); ++i) {
      if (as[i] == bs[i]) continue;
      if (!can_be_equal(*as[i], *bs[i])) return false;
      if (as[i]->depth > 1 && seen.emplace(as[i], bs[i]).second) waiting.emplace_back(as[i], bs[i]);
    }
  }
  return true;
}

std::string_view to_string(UnaryOp op) {
  switch (op) {
    case UnaryOp::negate:
      return "negate";
    case UnaryOp::logical_not:
      return "logical_not";
    case UnaryOp::absolute:
      return "absolute";
    case UnaryOp::square_root:
      return "square_root";
    case UnaryOp::floor:
      return "floor";
    case UnaryOp::ceil:
      return "ceil";
    case UnaryOp::rarely:
      return "rarely";
  }
  return {};
}

std::string_view to_string(BinaryOp op) {
  switch (op) {
    case BinaryOp::add:
      return "add";
    case BinaryOp::subtract:
      return "subtract";
    case BinaryOp::multiply:
      return "multiply";
    case BinaryOp::divide:
      return "divide";
    case BinaryOp::minimum:
      return "minimum";
    case BinaryOp::maximum:
      return "maximum";
    case BinaryOp::bit_and:
      return "bit_and";
    case BinaryOp::bit_xor:
      return "bit_xor";
    case BinaryOp::logical_and:
      return "logical_and";
    case BinaryOp::logical_or:
      return "logical_or";
  }
  return {};
}

std::string_view to_string(CompareOp op) {
  switch (op) {
    case CompareOp::equal:
      return "equal";
    case CompareOp::not_equal:
      return "not_equal";
    case CompareOp::less:
      return "less";
    case CompareOp::less_equal:
      return "less_equal";
  }
  return {};
}

std::string_view to_string(MathFunction function) {
  switch (function) {
    case MathFunction::exp:
      return "exp";
    case MathFunction::log:
      return "log";
    case MathFunction::sin:
      return "sin";
    case MathFunction::cos:
      return "cos";
    case MathFunction::tan:
      return "tan";
    case MathFunction::sinh:
      return "sinh";
    case MathFunction::cosh:
      return "cosh";
    case MathFunction::tanh:
      return "tanh";
    case MathFunction::asin:
      return "asin";
    case MathFunction::acos:
      return "acos";
    case MathFunction::atan:
      return "atan";
    case MathFunction::atan2:
      return "atan2";
    case MathFunction::pow:
      return "pow";
  }
  return {};
}

}  // namespace cppstencils::ir
