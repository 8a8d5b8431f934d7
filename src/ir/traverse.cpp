#include "ir/traverse.hpp"

#include <algorithm>
#include <utility>

#include "cppstencils/support/error.hpp"
#include "ir/operands.hpp"
#include "ir/typing.hpp"

namespace cppstencils::ir {
namespace {

/// Calls `leave` for every node below `expr` after its operands, in order, without recursion. `done` says that a node
/// needs no visit.
template <class Done, class Leave>
void walk(const Expr& root, const Done& done, const Leave& leave) {
  struct Step {
    const Expr* expr;  // `root` or an operand in a node below it, which it keeps alive
    bool operands_done;
  };
  std::vector<Step> waiting{{&root, false}};
  while (!waiting.empty()) {
    const Step step = waiting.back();
    if (done(*step.expr)) {
      waiting.pop_back();
      continue;
    }
    if (step.operands_done) {
      waiting.pop_back();
      leave(*step.expr);
      continue;
    }
    waiting.back().operands_done = true;
    const auto first = static_cast<std::ptrdiff_t>(waiting.size());
    for_each_operand_of(*step.expr, [&](const Expr& operand) { waiting.push_back({&operand, false}); });
    std::reverse(waiting.begin() + first, waiting.end());
  }
}

const Block& innermost(const Block& block) {
  if (block.size() != 1) return block;
  const Loop* loop = std::get_if<Loop>(&block[0].kind);
  return loop == nullptr ? block : innermost(loop->body);
}

Block with_innermost(const Block& block, Block inner) {
  if (&innermost(block) == &block) return inner;
  const Loop& loop = std::get<Loop>(block[0].kind);
  return {Stmt{Loop{loop.dimension, loop.step, with_innermost(loop.body, std::move(inner))}}};
}

}  // namespace

std::vector<Expr> children(const Expr& expr) {
  std::vector<Expr> operands;
  for_each_operand_of(expr, [&](const Expr& operand) { operands.push_back(operand); });
  return operands;
}

Expr with_children(const Expr& expr, std::span<const Expr> operands) {
  std::size_t count = 0;
  bool changed = false;
  for_each_operand_of(expr, [&](const Expr& operand) {
    changed = changed || count >= operands.size() || !operand.same_node(operands[count]);
    ++count;
  });
  CPPSTENCILS_CHECK(count == operands.size(), "A node is rebuilt with another number of operands.");
  if (!changed) return expr;
  NodeKind kind = expr.node().kind;
  count = 0;
  std::visit([&](auto& payload) { for_each_operand(payload, [&](Expr& operand) { operand = operands[count++]; }); },
             kind);
  if (auto fault = typing_fault(kind, expr.type())) {
    throw InternalError({.code = ErrorCode::internal, .message = std::move(*fault)});
  }
  return Expr(Node{.kind = std::move(kind), .type = expr.type()});
}

Expr ExprRewriter::operator()(const Expr& expr) {
  walk(
      expr, [&](const Expr& e) { return done_.contains(e.node()); },
      [&](const Expr& e) {
        operands_.clear();
        for_each_operand_of(e, [&](const Expr& operand) { operands_.push_back(done_.at(operand.node())); });
        done_.emplace(e, rewrite_(with_children(e, operands_)));
      });
  return done_.at(expr.node());
}

void ExprVisitor::operator()(const Expr& expr) {
  walk(
      expr, [&](const Expr& e) { return seen_.contains(e.node()); },
      [&](const Expr& e) {
        seen_.emplace(e, {});
        visit_(e);
      });
}

void for_each_stmt(const Block& block, const std::function<void(const Stmt&)>& visit) {
  for (const Stmt& stmt : block) {
    visit(stmt);
    if (const Loop* loop = std::get_if<Loop>(&stmt.kind)) for_each_stmt(loop->body, visit);
  }
}

std::vector<Expr> expressions(const Stmt& stmt) {
  return match(
      stmt, [](const Let& s) { return std::vector{s.value}; }, [](const Store& s) { return std::vector{s.value}; },
      [](const ElementStore& s) {
        return std::vector{s.position, s.value};
      },
      [](const Reduce& s) { return std::vector{s.value}; }, [](const Loop&) { return std::vector<Expr>(); });
}

Block map_expressions(const Block& block, const std::function<Expr(const Expr&)>& rewrite) {
  Block result;
  result.reserve(block.size());
  for (const Stmt& stmt : block) {
    result.push_back(match(
        stmt,
        [&](const Let& s) {
          return Stmt{Let{s.id, rewrite(s.value)}};
        },
        [&](const Store& s) {
          return Stmt{Store{s.buffer, s.offsets, s.index, rewrite(s.value)}};
        },
        [&](const ElementStore& s) {
          Expr position = rewrite(s.position);
          return Stmt{ElementStore{s.buffer, std::move(position), rewrite(s.value)}};
        },
        [&](const Reduce& s) {
          return Stmt{Reduce{s.id, rewrite(s.value)}};
        },
        [&](const Loop& s) {
          return Stmt{Loop{s.dimension, s.step, map_expressions(s.body, rewrite)}};
        }));
  }
  return result;
}

const Block& cell_block(const Kernel& kernel) { return innermost(kernel.body); }

Kernel with_cell_block(const Kernel& kernel, Block block) {
  Kernel result = kernel;
  result.body = with_innermost(kernel.body, std::move(block));
  return result;
}

}  // namespace cppstencils::ir
