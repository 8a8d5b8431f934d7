#include "kernel/type_context.hpp"

#include <unordered_set>
#include <vector>

namespace cppstencils::kernel {

DType TypeContext::type_of(const sym::SymbolAtom& symbol) const {
  if (const auto defined = defined_.find(symbol.name); defined != defined_.end()) return defined->second;
  return symbol.dtype.value_or(config_.default_dtype);
}

namespace {

// Depth first, left to right. A node that had no type the first time has none the second time, so that shared
// sub-expressions are looked at once.
class FirstKnown {
 public:
  explicit FirstKnown(const TypeContext& context) : context_(context) {}

  std::optional<KnownType> operator()(const Expr& expr) {
    if (!seen_.insert(&expr.node()).second) return std::nullopt;
    const auto known = [&](DType dtype) { return std::optional(KnownType{dtype, expr}); };
    return match(
        expr, [](const sym::Number&) { return std::optional<KnownType>(); },
        [](const sym::Float&) { return std::optional<KnownType>(); },
        [&](const sym::Boolean&) { return known(DType::boolean); },
        [&](const sym::SymbolAtom& symbol) { return known(context_.type_of(symbol)); },
        [&](const sym::Access& access) { return known(access.field->dtype); },
        [&](const sym::Coordinate&) { return known(context_.index_dtype()); },
        [&](const sym::Sum& sum) { return first_of(sum.terms); },
        [&](const sym::Product& product) { return first_of(product.factors); },
        // The exponent follows: integer exponents are no values of the context's type.
        [&](const sym::Power& power) {
          return first_of({power.base, power.exponent});
        },
        [&](const sym::Call& call) { return first_of(call.arguments); },
        [&](const sym::Comparison&) { return known(DType::boolean); },
        [&](const sym::Logical&) { return known(DType::boolean); },
        [&](const sym::Select& select) {
          return first_of({select.if_true, select.if_false});
        },
        [&](const sym::Cast& cast) { return known(cast.dtype); },
        [&](const sym::RandomNumber& random) { return known(random.dtype); });
  }

 private:
  std::optional<KnownType> first_of(const std::vector<Expr>& parts) {
    for (const Expr& part : parts) {
      if (auto known = (*this)(part)) return known;
    }
    return std::nullopt;
  }

  const TypeContext& context_;
  std::unordered_set<const sym::Node*> seen_;
};

}  // namespace

std::optional<KnownType> TypeContext::first_known(const Expr& expr) const { return FirstKnown(*this)(expr); }

}  // namespace cppstencils::kernel
