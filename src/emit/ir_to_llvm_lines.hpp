#pragma once

#include <llvm/IR/DebugLoc.h>

#include <string>
#include <unordered_map>

#include "cppstencils/ir/kernel.hpp"

namespace llvm {
class DISubprogram;
class Function;
}  // namespace llvm

namespace cppstencils::emit {

/// The lines of a kernel's text, `ir::to_string(kernel)`, as debug information of the function that is made of it.
/// The kernel stays where it is meanwhile.
class SourceLines {
 public:
  /// `file` is the path of a file with the text.
  SourceLines(const ir::Kernel& kernel, llvm::Function& function, const std::string& file);

  /// The line of the statement that an expression is part of.
  llvm::DebugLoc of(const ir::Expr& expr) const { return at(&expr.node()); }
  llvm::DebugLoc of(const ir::ElementStore& store) const { return at(&store); }
  llvm::DebugLoc of(const ir::Reduce& reduce) const { return at(&reduce); }
  /// Gives every instruction of the function a line that has none: that of the one before it.
  void complete(llvm::Function& function) const;

 private:
  llvm::DebugLoc at(const void* place) const;

  llvm::DISubprogram* subprogram_ = nullptr;
  unsigned first_line_ = 1;
  // By address of node or statement; never iterated.
  std::unordered_map<const void*, unsigned> lines_;
};

}  // namespace cppstencils::emit
