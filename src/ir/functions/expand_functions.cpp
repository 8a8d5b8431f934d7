#include "ir/functions/expand_functions.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <vector>

#include "ir/builder.hpp"
#include "ir/functions/definitions.hpp"
#include "ir/traverse.hpp"
#include "ir/typing.hpp"

namespace cppstencils::ir {
namespace {

/// The rest is enough for the arithmetic of one function.
constexpr std::uint32_t deepest_argument = max_expr_depth / 2;

struct HashOfExpr {
  std::size_t operator()(const Expr& expr) const { return expr.node().hash; }
};

class Expansion {
 public:
  explicit Expansion(const Kernel& kernel) : kernel_(kernel) {}

  Kernel run() && {
    kernel_.body = expand(kernel_.body);
    return std::move(kernel_);
  }

 private:
  /// The new statements of a block, and the variables that hold the results of calls.
  struct Scope {
    Block lets;
    std::unordered_map<Expr, Expr, HashOfExpr> results;  // never iterated
  };

  /// Results get variables, in front of all stores: so no expression becomes deeper than it was. Equal calls share one,
  /// whether they are one node or several.
  Block expand(const Block& block) {
    Scope scope;
    Block stores;
    ExprRewriter rewrite_nodes([&](const Expr& expr) { return expand_call(expr, scope); });
    const auto rewrite = [&](const Expr& expr) { return expr.node().has_call ? rewrite_nodes(expr) : expr; };
    for (const Stmt& stmt : block) {
      match(
          stmt, [&](const Let& s) { expand_let(s, rewrite, scope); },
          [&](const Store& s) {
            stores.push_back({Store{s.buffer, s.offsets, s.index, rewrite(s.value)}});
          },
          [&](const ElementStore& s) {
            Expr position = rewrite(s.position);
            stores.push_back({ElementStore{s.buffer, std::move(position), rewrite(s.value)}});
          },
          [&](const Reduce& s) {
            stores.push_back({Reduce{s.id, rewrite(s.value)}});
          },
          [&](const Loop& s) {
            scope.lets.push_back({Loop{s.dimension, s.step, expand(s.body)}});
          });
    }
    std::move(stores.begin(), stores.end(), std::back_inserter(scope.lets));
    return std::move(scope.lets);
  }

  /// A variable of the kernel that holds a result needs no other one.
  template <class Rewrite>
  void expand_let(const Let& let, const Rewrite& rewrite, Scope& scope) {
    std::vector<Expr> operands = children(let.value);
    for (Expr& operand : operands) operand = rewrite(operand);
    Expr value = with_children(let.value, operands);
    if (const auto known = scope.results.find(value); known != scope.results.end()) {
      value = known->second;
    } else if (std::optional<Expr> result = arithmetic(value, scope)) {
      scope.results.emplace(std::move(value), variable(let.id, result->type()));
      value = *std::move(result);
    }
    scope.lets.push_back({Let{let.id, std::move(value)}});
  }

  /// The operands are rewritten already.
  Expr expand_call(const Expr& expr, Scope& scope) {
    if (get_if<Call>(expr) == nullptr) return expr;
    if (const auto known = scope.results.find(expr); known != scope.results.end()) return known->second;
    std::optional<Expr> result = arithmetic(expr, scope);
    if (!result) return expr;
    Expr name = named(to_string(get_if<Call>(expr)->function), *std::move(result), scope);
    return scope.results.emplace(expr, std::move(name)).first->second;
  }

  std::optional<Expr> arithmetic(const Expr& expr, Scope& scope) {
    const Call* call = get_if<Call>(expr);
    if (call == nullptr) return {};
    Call simple = *call;
    for (Expr& argument : simple.arguments) {
      if (argument.node().depth > deepest_argument) argument = named("", argument, scope);
    }
    return expansion(simple);
  }

  Expr named(std::string_view name, Expr value, Scope& scope) {
    const VarId id{static_cast<std::uint32_t>(kernel_.variables.size())};
    const DType type = value.type();
    kernel_.variables.push_back({std::string(name), type});
    scope.lets.push_back({Let{id, std::move(value)}});
    return variable(id, type);
  }

  Kernel kernel_;
};

}  // namespace

std::optional<Expr> expansion(const Call& call) {
  const Expr& x = call.arguments[0];
  switch (call.function) {
    case MathFunction::exp:
      return functions::exp(x);
    case MathFunction::log:
      return functions::log(x);
    case MathFunction::sin:
      return functions::sin(x);
    case MathFunction::cos:
      return functions::cos(x);
    case MathFunction::sinh:
      return functions::sinh(x);
    case MathFunction::cosh:
      return functions::cosh(x);
    case MathFunction::tanh:
      return functions::tanh(x);
    case MathFunction::pow:
      return functions::pow(x, call.arguments[1]);
    case MathFunction::tan:
    case MathFunction::asin:
    case MathFunction::acos:
    case MathFunction::atan:
    case MathFunction::atan2:
      return {};
  }
  return {};
}

Kernel expand_functions(const Kernel& kernel) { return Expansion(kernel).run(); }

}  // namespace cppstencils::ir
