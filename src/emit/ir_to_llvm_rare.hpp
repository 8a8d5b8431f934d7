#pragma once

#include <llvm/IR/Function.h>
#include <llvm/IR/Instructions.h>

namespace cppstencils::emit {

/// What `emit_operation` makes of `rarely`: an instruction that leaves its operand and can be found again.
using RareMark = llvm::FreezeInst;

/// Moves what only the first operand of a selection needs behind a branch, where `rarely` says that the condition is
/// seldom true: it is computed when the condition is true in some lane. Results stay the same.
void branch_around_rare_values(llvm::Function& function);

}  // namespace cppstencils::emit
