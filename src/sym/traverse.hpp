#pragma once

#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "cppstencils/sym/expr.hpp"
#include "sym/operands.hpp"

namespace cppstencils::sym {

/// Visits the distinct nodes below `root` once each, operands before the nodes that use them. A node for which
/// `enter` returns false is left out together with its operands. Uses no recursion, so that threads with small stacks
/// can handle deep expressions. The references passed on live as long as `root`.
template <class Enter, class Visit>
void visit_bottom_up(const Expr& root, Enter&& enter, Visit&& visit) {
  struct Step {
    const Expr* expr;
    bool operands_done;
  };
  std::vector<Step> steps{{&root, false}};
  std::unordered_set<const Node*> seen;
  std::vector<const Expr*> operands;
  while (!steps.empty()) {
    const Step step = steps.back();
    if (step.operands_done) {
      steps.pop_back();
      visit(*step.expr);
      continue;
    }
    if (!seen.insert(&step.expr->node()).second || !enter(*step.expr)) {
      steps.pop_back();
      continue;
    }
    steps.back().operands_done = true;
    operands.clear();
    for_each_operand_of(*step.expr, [&](const Expr& operand) { operands.push_back(&operand); });
    for (std::size_t i = operands.size(); i > 0; --i) steps.push_back({operands[i - 1], false});
  }
}

/// Results by node for the nodes below one root, which must outlive this. Nothing depends on the order of addresses.
template <class Result>
class NodeMap {
 public:
  const Result* find(const Expr& expr) const {
    const auto known = results_.find(&expr.node());
    return known == results_.end() ? nullptr : &known->second;
  }
  void set(const Expr& expr, Result result) { results_.insert_or_assign(&expr.node(), std::move(result)); }

 private:
  std::unordered_map<const Node*, Result> results_;
};

/// Expressions with dense numbers in order of first appearance; structurally equal ones share a number.
class ExprNumbering {
 public:
  std::size_t number_of(const Expr& expr) {
    std::vector<std::size_t>& candidates = by_hash_[expr.node().hash];
    for (const std::size_t candidate : candidates) {
      if (exprs_[candidate] == expr) return candidate;
    }
    candidates.push_back(exprs_.size());
    exprs_.push_back(expr);
    return candidates.back();
  }
  /// The number of a known expression, or null.
  const std::size_t* find(const Expr& expr) const {
    const auto candidates = by_hash_.find(expr.node().hash);
    if (candidates == by_hash_.end()) return nullptr;
    for (const std::size_t& candidate : candidates->second) {
      if (exprs_[candidate] == expr) return &candidate;
    }
    return nullptr;
  }
  const Expr& operator[](std::size_t number) const { return exprs_[number]; }
  const std::vector<Expr>& exprs() const { return exprs_; }

 private:
  std::unordered_map<std::uint64_t, std::vector<std::size_t>> by_hash_;
  std::vector<Expr> exprs_;
};

}  // namespace cppstencils::sym
