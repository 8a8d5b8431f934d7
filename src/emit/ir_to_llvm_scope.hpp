#pragma once

#include <llvm/IR/IRBuilder.h>

#include <cstdint>
#include <map>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "cppstencils/ir/kernel.hpp"
#include "emit/ir_to_llvm_lines.hpp"

namespace cppstencils::emit {

/// Turns expressions into values, each node once, without recursion. What a leaf is worth is up to the derived class.
class ExprEmitter {
 public:
  ExprEmitter(const ExprEmitter&) = delete;
  ExprEmitter& operator=(const ExprEmitter&) = delete;
  virtual ~ExprEmitter() = default;

  /// Code for what has no value yet goes to the insertion point of `builder`.
  llvm::Value* value(const ir::Expr& expr);

  llvm::IRBuilder<> builder;
  /// For debuggers; null for code without debug information.
  const SourceLines* lines = nullptr;

 protected:
  explicit ExprEmitter(llvm::LLVMContext& context) : builder(context) {}
  /// The value of a node without operands or of an ElementLoad.
  virtual llvm::Value* leaf(const ir::Expr& expr) = 0;
  /// The expression that has to be computed for a variable; null when its value is known.
  virtual const ir::Expr* definition(ir::VarId id) const = 0;

 private:
  llvm::SmallVector<const ir::Expr*, 4> operands(const ir::Expr& expr) const;

  // The kernel outlives the emitter, so that addresses identify nodes. Never iterated.
  std::unordered_map<const ir::Node*, llvm::Value*> values_;
};

/// For the kinds that `leaf` never gets; throws InternalError.
llvm::Value* not_a_leaf();

/// Everything outside the innermost loop: arguments, outer loop indices and outer variables. Its values are scalars,
/// computed at the insertion point of `builder`, which only moves forward into inner loops.
class Scope final : public ExprEmitter {
 public:
  /// Begins the function: arguments are read, as they are needed, in its entry block.
  Scope(const ir::Kernel& kernel, llvm::Function& function);

  const ir::Kernel& kernel() const { return kernel_; }
  llvm::LLVMContext& context() const { return builder.getContext(); }
  llvm::Function& function() const { return function_; }

  void define(ir::VarId id, llvm::Value* value) { variables_[id.value] = value; }
  /// Gives a variable of the innermost loop its definition.
  void define_later(ir::VarId id, const ir::Expr& expr) { definitions_[id.value] = &expr; }
  void set_loop_index(int dimension, llvm::Value* value) { loop_indices_[static_cast<std::size_t>(dimension)] = value; }
  llvm::Value* variable(ir::VarId id) const { return variables_[id.value]; }
  const ir::Expr* definition(ir::VarId id) const override;
  /// Null for a dimension whose loop has not begun.
  llvm::Value* loop_index(int dimension) const { return loop_indices_[static_cast<std::size_t>(dimension)]; }

  llvm::Value* data(ir::BufferId buffer);
  llvm::Value* accumulators(ir::ReductionId reduction);
  llvm::Value* begin(int dimension);
  llvm::Value* end(int dimension);

  // Arithmetic on positions; equal operations are one instruction. A null operand is zero.
  llvm::Value* add(llvm::Value* a, llvm::Value* b);
  llvm::Value* multiply(llvm::Value* a, llvm::Value* b);
  llvm::Value* int64(std::int64_t value) { return builder.getInt64(static_cast<std::uint64_t>(value)); }

 protected:
  llvm::Value* leaf(const ir::Expr& expr) override;

 private:
  enum class Table : std::uint8_t { data, strides, scalars, begin, end };
  /// The 64-bit entry `index` of an argument table.
  llvm::Value* entry(Table table, std::size_t index);
  llvm::Value* scalar_parameter(ir::ScalarId id);

  const ir::Kernel& kernel_;
  llvm::Function& function_;
  llvm::IRBuilder<> arguments_;  // at the end of the argument part of the entry block
  std::vector<std::size_t> first_stride_;
  std::map<std::pair<Table, std::size_t>, llvm::Value*> entries_;
  std::map<std::uint32_t, llvm::Value*> scalars_;
  // Ordered by address; never iterated.
  std::map<std::tuple<char, llvm::Value*, llvm::Value*>, llvm::Value*> arithmetic_;
  std::vector<llvm::Value*> variables_;
  std::vector<const ir::Expr*> definitions_;
  std::vector<llvm::Value*> loop_indices_;
};

}  // namespace cppstencils::emit
