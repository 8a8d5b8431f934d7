#pragma once

#include "cppstencils/ir/kernel.hpp"
#include "ir/node_map.hpp"

#include <functional>
#include <span>
#include <vector>

namespace cppstencils::ir {

/// The operands of `expr` in order; `operands.hpp` lists them without a copy.
std::vector<Expr> children(const Expr& expr);
/// A node like `expr` with other operands (same number); `expr` itself if all are the same nodes.
Expr with_children(const Expr& expr, std::span<const Expr> operands);

/// Rewrites expressions bottom-up, each shared node once. `rewrite` gets a node whose operands are already rewritten
/// and returns it or a replacement. Nodes are remembered for the lifetime of the object, so that one object can serve
/// a whole kernel; results never depend on addresses.
class ExprRewriter {
 public:
  explicit ExprRewriter(std::function<Expr(const Expr&)> rewrite) : rewrite_(std::move(rewrite)) {}
  Expr operator()(const Expr& expr);

 private:
  std::function<Expr(const Expr&)> rewrite_;
  NodeMap<Expr> done_;
  std::vector<Expr> operands_;  // of the node at hand
};

/// Visits every distinct node below `expr` once, operands first.
class ExprVisitor {
 public:
  explicit ExprVisitor(std::function<void(const Expr&)> visit) : visit_(std::move(visit)) {}
  void operator()(const Expr& expr);

 private:
  std::function<void(const Expr&)> visit_;
  struct Seen {};
  NodeMap<Seen> seen_;
};

/// Calls `visit` for every statement, loops before their bodies.
void for_each_stmt(const Block& block, const std::function<void(const Stmt&)>& visit);
/// The expressions that a statement holds itself (not those in the body of a loop).
std::vector<Expr> expressions(const Stmt& stmt);
/// The block with every expression replaced by `rewrite(expression)`.
Block map_expressions(const Block& block, const std::function<Expr(const Expr&)>& rewrite);

/// The body of the innermost loop of a kernel that has not been lowered.
const Block& cell_block(const Kernel& kernel);
/// The kernel with another innermost body.
Kernel with_cell_block(const Kernel& kernel, Block block);

}  // namespace cppstencils::ir
