#include "emit/ir_to_llvm_lines.hpp"

#include <llvm/BinaryFormat/Dwarf.h>
#include <llvm/IR/DIBuilder.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/Module.h>

#include <filesystem>
#include <string_view>
#include <vector>

#include "cppstencils/support/error.hpp"
#include "ir/traverse.hpp"

namespace cppstencils::emit {
namespace {

/// The numbers of the lines with a statement, in order.
std::vector<unsigned> statement_lines(std::string_view text) {
  std::vector<unsigned> lines;
  for (unsigned number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    for (const std::string_view start : {"let ", "store ", "reduce ", "loop "}) {
      if (line.starts_with(start)) lines.push_back(number);
    }
  }
  return lines;
}

}  // namespace

SourceLines::SourceLines(const ir::Kernel& kernel, llvm::Function& function, const std::string& file) {
  const std::vector<unsigned> lines = statement_lines(ir::to_string(kernel));
  std::size_t count = 0;
  // Loops stand in front of their bodies, here as in the text.
  ir::for_each_stmt(kernel.body, [&](const ir::Stmt& stmt) {
    CPPSTENCILS_CHECK(count < lines.size(), "Every statement has a line in the text of its kernel.");
    const unsigned line = lines[count++];
    ir::ExprVisitor visit([&](const ir::Expr& expr) { lines_.try_emplace(&expr.node(), line); });
    for (const ir::Expr& expr : ir::expressions(stmt)) visit(expr);
    if (const auto* store = std::get_if<ir::ElementStore>(&stmt.kind)) lines_.emplace(store, line);
    if (const auto* reduce = std::get_if<ir::Reduce>(&stmt.kind)) lines_.emplace(reduce, line);
  });
  if (!lines.empty()) first_line_ = lines.front();

  llvm::Module& module = *function.getParent();
  module.addModuleFlag(llvm::Module::Warning, "Debug Info Version", llvm::DEBUG_METADATA_VERSION);
  module.addModuleFlag(llvm::Module::Warning, "Dwarf Version", 4);
  llvm::DIBuilder builder(module);
  const std::filesystem::path path(file);
  llvm::DIFile* const source = builder.createFile(path.filename().string(), path.parent_path().string());
  builder.createCompileUnit(llvm::dwarf::DW_LANG_C, source, "cppstencils", /*isOptimized=*/true, "", 0);
  subprogram_ = builder.createFunction(source, function.getName(), function.getName(), source, 1,
                                       builder.createSubroutineType(builder.getOrCreateTypeArray({})), 1,
                                       llvm::DINode::FlagPrototyped, llvm::DISubprogram::SPFlagDefinition);
  function.setSubprogram(subprogram_);
  builder.finalize();
}

llvm::DebugLoc SourceLines::at(const void* place) const {
  const auto found = lines_.find(place);
  const unsigned line = found == lines_.end() ? first_line_ : found->second;
  return llvm::DILocation::get(subprogram_->getContext(), line, 1, subprogram_);
}

void SourceLines::complete(llvm::Function& function) const {
  llvm::DebugLoc last = at(nullptr);
  for (llvm::BasicBlock& block : function) {
    for (llvm::Instruction& instruction : block) {
      if (instruction.getDebugLoc()) {
        last = instruction.getDebugLoc();
      } else {
        instruction.setDebugLoc(last);
      }
    }
  }
}

}  // namespace cppstencils::emit
