#include "passes/remove_dead_lets.hpp"

#include <algorithm>
#include <optional>

#include "ir/builder.hpp"
#include "ir/traverse.hpp"

namespace cppstencils::passes {
namespace {

using ir::Block;
using ir::Expr;
using ir::Stmt;

class DeadLetRemover {
 public:
  explicit DeadLetRemover(std::size_t variables) : is_used_(variables, false) {}

  /// A variable is used after its definition, so that one walk from the last statement to the first is enough.
  Block live(const Block& block) {
    Block reversed;
    for (auto stmt = block.rbegin(); stmt != block.rend(); ++stmt) {
      ir::match(
          *stmt,
          [&](const ir::Let& s) {
            if (!is_used_[s.id.value]) return;
            mark_(s.value);
            reversed.push_back(*stmt);
          },
          [&](const ir::Store& s) {
            mark_(s.value);
            reversed.push_back(*stmt);
          },
          [&](const ir::ElementStore& s) {
            mark_(s.position);
            mark_(s.value);
            reversed.push_back(*stmt);
          },
          [&](const ir::Reduce& s) {
            mark_(s.value);
            reversed.push_back(*stmt);
          },
          [&](const ir::Loop& s) {
            reversed.push_back({ir::Loop{s.dimension, s.step, live(s.body)}});
          });
    }
    std::reverse(reversed.begin(), reversed.end());
    return reversed;
  }

 private:
  std::vector<bool> is_used_;
  ir::ExprVisitor mark_{[this](const Expr& expr) {
    if (const auto* variable = ir::get_if<ir::Variable>(expr)) is_used_[variable->id.value] = true;
  }};
};

class Renumbering {
 public:
  explicit Renumbering(const ir::Kernel& kernel) : old_(kernel.variables), ids_(kernel.variables.size()) {}

  Block renumber(const Block& block) {
    Block result;
    result.reserve(block.size());
    for (const Stmt& stmt : block) {
      result.push_back(ir::match(
          stmt,
          [&](const ir::Let& s) {
            Expr value = rewrite_(s.value);
            const ir::VarId id{static_cast<std::uint32_t>(variables.size())};
            variables.push_back(old_[s.id.value]);
            ids_[s.id.value] = id;
            return Stmt{ir::Let{id, std::move(value)}};
          },
          [&](const ir::Store& s) {
            return Stmt{ir::Store{s.buffer, s.offsets, s.index, rewrite_(s.value)}};
          },
          [&](const ir::ElementStore& s) {
            Expr position = rewrite_(s.position);
            return Stmt{ir::ElementStore{s.buffer, std::move(position), rewrite_(s.value)}};
          },
          [&](const ir::Reduce& s) {
            return Stmt{ir::Reduce{s.id, rewrite_(s.value)}};
          },
          [&](const ir::Loop& s) {
            return Stmt{ir::Loop{s.dimension, s.step, renumber(s.body)}};
          }));
    }
    return result;
  }

  std::vector<ir::VariableInfo> variables;

 private:
  const std::vector<ir::VariableInfo>& old_;
  std::vector<std::optional<ir::VarId>> ids_;
  ir::ExprRewriter rewrite_{[this](const Expr& expr) {
    const auto* variable = ir::get_if<ir::Variable>(expr);
    if (variable == nullptr || ids_[variable->id.value] == variable->id) return expr;
    return ir::variable(ids_[variable->id.value].value(), expr.type());
  }};
};

}  // namespace

ir::Kernel remove_dead_lets(const ir::Kernel& kernel) {
  ir::Kernel result = kernel;
  result.body = DeadLetRemover(kernel.variables.size()).live(kernel.body);
  Renumbering renumbering(kernel);
  result.body = renumbering.renumber(result.body);
  result.variables = std::move(renumbering.variables);
  return result;
}

}  // namespace cppstencils::passes
