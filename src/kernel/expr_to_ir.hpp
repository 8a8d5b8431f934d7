#pragma once

#include <functional>
#include <map>
#include <utility>

#include "cppstencils/ir/expr.hpp"
#include "cppstencils/sym/expr.hpp"
#include "ir/functions/philox.hpp"
#include "kernel/type_context.hpp"

namespace cppstencils::kernel {

/// How the leaves of an expression look in the IR.
struct LeafLowering {
  std::function<ir::Expr(const sym::SymbolAtom&)> symbol;
  std::function<ir::Expr(const sym::Access&)> access;
  /// Number of loop dimensions, for coordinates.
  int rank = 0;
};

/// Translates expressions into typed IR: terms and factors in the order written, integer powers as multiplications,
/// negative terms as subtractions, reciprocal factors as divisions.
class ExprToIr {
 public:
  ExprToIr(const TypeContext& types, LeafLowering leaves) : types_(types), leaves_(std::move(leaves)) {}

  /// The expression as a value of type `context`, which `reason` has. Throws TypeMismatch where a part has another
  /// type, ExpressionError where a constant does not exist in the type.
  ir::Expr operator()(const Expr& expr, DType context, const Expr& reason);

  /// Forgets what has been translated; to be called when a leaf gets another value.
  void forget() {
    done_.clear();
    draws_.clear();
  }

 private:
  ir::Expr lower(const Expr& expr, DType context);
  ir::Expr lower_new(const Expr& expr, DType context);
  ir::Expr number(const sym::Number& number, DType context);
  ir::Expr sum(const sym::Sum& sum, DType context);
  ir::Expr product(const sym::Product& product, DType context);
  ir::Expr times(ir::Expr left, const Expr& factor, DType context);
  ir::Expr power(const sym::Power& power, DType context);
  ir::Expr call(const Expr& expr, const sym::Call& call, DType context);
  ir::Expr random(const Expr& expr, const sym::RandomNumber& number);
  ir::Expr integer_argument(const Expr& expr, const Expr& argument, DType dtype);
  ir::functions::PhiloxWords random_words(const Expr& expr, const std::vector<Expr>& arguments);
  ir::Expr comparison(const sym::Comparison& comparison);
  ir::Expr logical(const sym::Logical& logical);
  ir::Expr leaf(const Expr& expr, ir::Expr value, DType context) const;
  void require_float(const Expr& expr, DType context) const;

  const TypeContext& types_;
  LeafLowering leaves_;
  Expr reason_;
  std::map<std::pair<const sym::Node*, DType>, std::pair<Expr, ir::Expr>> done_;  // keeps the key alive
  std::vector<std::pair<std::vector<Expr>, ir::functions::PhiloxWords>> draws_;
};

}  // namespace cppstencils::kernel
