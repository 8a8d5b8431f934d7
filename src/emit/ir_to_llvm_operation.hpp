#pragma once

#include <llvm/IR/IRBuilder.h>

#include "cppstencils/ir/expr.hpp"

namespace cppstencils::emit {

/// The result of an operator of the IR, from the values of its operands in order: scalars, or vectors of one length.
/// No flag allows LLVM to change a floating-point result.
llvm::Value* emit_operation(llvm::IRBuilderBase& builder, const ir::Expr& expr, llvm::ArrayRef<llvm::Value*> operands);

}  // namespace cppstencils::emit
