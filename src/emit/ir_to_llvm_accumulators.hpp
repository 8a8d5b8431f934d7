#pragma once

#include <vector>

#include "emit/ir_to_llvm_row.hpp"

namespace cppstencils::emit {

/// The accumulators of all reductions of a row, in registers while a loop runs whose iterations are as many cells as a
/// reduction has accumulators.
class Accumulators {
 public:
  /// Loads them in `before`, which the loop is entered from.
  Accumulators(Row& row, llvm::BasicBlock* before);

  /// At the begin of the loop's body.
  void begin_loop(llvm::BasicBlock* body);
  /// The value of a reduction so far.
  llvm::Value*& value(ir::ReductionId id) { return values_[id.value]; }
  /// At the end of the loop's body.
  void end_loop(llvm::BasicBlock* body);
  /// Stores them at the begin of `after`, which the loop is left to.
  void store(llvm::BasicBlock* after) const;

 private:
  Row& row_;
  llvm::BasicBlock* before_;
  std::vector<llvm::PHINode*> loop_values_;
  // By reduction.
  std::vector<llvm::Value*> values_;
};

}  // namespace cppstencils::emit
