#pragma once

#include <map>
#include <optional>
#include <string>

#include "cppstencils/kernel/create_kernel.hpp"

namespace cppstencils::kernel {

/// A type and the part of the expression that has it.
struct KnownType {
  DType dtype;
  Expr source;
};

/// The types of a kernel's symbols, and the rule that gives every expression one type.
///
/// An assignment is one type context. So are the two operands of a comparison together, each argument of a cast, and
/// conditions, which are booleans. Fields, typed symbols, coordinates and casts have a type; all that have one in a
/// context must agree, because nothing is converted silently. Constants take the type of their context. A symbol
/// without a type takes the type of its definition, or `default_dtype` if it is a parameter.
class TypeContext {
 public:
  explicit TypeContext(const CreateKernelConfig& config) : config_(config) {}

  /// Records the type of a symbol that an assignment defines.
  void define(const std::string& symbol, DType dtype) { defined_.emplace(symbol, dtype); }

  DType type_of(const sym::SymbolAtom& symbol) const;

  /// The type of the first part of `expr`, from left to right, that has one; empty if it is made of constants.
  std::optional<KnownType> first_known(const Expr& expr) const;

  DType default_dtype() const { return config_.default_dtype; }
  DType index_dtype() const { return config_.index_dtype; }

 private:
  const CreateKernelConfig& config_;
  std::map<std::string, DType> defined_;
};

}  // namespace cppstencils::kernel
