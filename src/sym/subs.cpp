#include <map>

#include "cppstencils/sym/calculus.hpp"
#include "sym/operands.hpp"
#include "sym/rewrite.hpp"

namespace cppstencils {

namespace {

class Substitution {
 public:
  explicit Substitution(const std::vector<Replacement>& replacements) {
    // The first replacement of an expression counts.
    for (const auto& [from, to] : replacements) replacements_.emplace(from, to);
  }

  Expr operator()(const Expr& expr) {
    if (const Expr* known = memo_.find(expr)) return *known;
    if (const auto found = replacements_.find(expr); found != replacements_.end()) {
      return memo_.store(expr, found->second);
    }
    std::vector<Expr> operands = sym::operands(expr);
    for (Expr& operand : operands) operand = (*this)(operand);
    return memo_.store(expr, sym::with_operands(expr, operands));
  }

 private:
  std::map<Expr, Expr, sym::StructuralLess> replacements_;
  sym::NodeMemo memo_;
};

}  // namespace

Expr subs(const Expr& expr, const std::vector<Replacement>& replacements) { return Substitution(replacements)(expr); }

}  // namespace cppstencils
