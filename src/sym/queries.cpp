#include <set>
#include <unordered_set>

#include "cppstencils/sym/calculus.hpp"
#include "sym/operands.hpp"

namespace cppstencils {

namespace {

// Collects the distinct leaves of one kind in order of first appearance.
template <class Kind>
class LeafCollector {
 public:
  void operator()(const Expr& expr) {
    if (!visited_.insert(&expr.node()).second) return;
    if (get_if<Kind>(expr) != nullptr) {
      if (known_.insert(expr).second) leaves_.push_back(expr);
      return;
    }
    for (const Expr& operand : sym::operands(expr)) (*this)(operand);
  }
  std::vector<Expr> result() && { return std::move(leaves_); }

 private:
  std::unordered_set<const sym::Node*> visited_;
  std::set<Expr, sym::StructuralLess> known_;
  std::vector<Expr> leaves_;
};

template <class Kind>
std::vector<Expr> collect(const Expr& expr) {
  LeafCollector<Kind> collector;
  collector(expr);
  return std::move(collector).result();
}

}  // namespace

std::vector<Expr> free_symbols(const Expr& expr) { return collect<sym::SymbolAtom>(expr); }
std::vector<Expr> field_accesses(const Expr& expr) { return collect<sym::Access>(expr); }

}  // namespace cppstencils
