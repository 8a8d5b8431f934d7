#pragma once

#include <unordered_map>
#include <utility>

#include "cppstencils/sym/expr.hpp"

namespace cppstencils::sym {

/// Results by node, for one traversal: a shared node is handled once. Keeps the nodes alive, so that an address stands
/// for one node; nothing depends on the order of addresses.
class NodeMemo {
 public:
  const Expr* find(const Expr& expr) const {
    const auto known = results_.find(&expr.node());
    return known == results_.end() ? nullptr : &known->second.second;
  }
  const Expr& store(const Expr& expr, Expr result) {
    return results_.insert_or_assign(&expr.node(), std::pair(expr, std::move(result))).first->second.second;
  }

 private:
  std::unordered_map<const Node*, std::pair<Expr, Expr>> results_;
};

}  // namespace cppstencils::sym
