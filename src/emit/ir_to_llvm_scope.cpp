#include "emit/ir_to_llvm_scope.hpp"

#include <llvm/IR/Function.h>

#include "cppstencils/support/error.hpp"
#include "emit/ir_to_llvm_operation.hpp"
#include "emit/ir_to_llvm_types.hpp"
#include "ir/operands.hpp"

namespace cppstencils::emit {

using llvm::Value;

llvm::SmallVector<const ir::Expr*, 4> ExprEmitter::operands(const ir::Expr& expr) const {
  llvm::SmallVector<const ir::Expr*, 4> result;
  if (const auto* variable = ir::get_if<ir::Variable>(expr)) {
    if (const ir::Expr* defined_as = definition(variable->id)) result.push_back(defined_as);
  } else if (ir::get_if<ir::ElementLoad>(expr) == nullptr) {
    ir::for_each_operand_of(expr, [&](const ir::Expr& operand) { result.push_back(&operand); });
  }
  return result;
}

Value* ExprEmitter::value(const ir::Expr& root) {
  struct Visit {
    const ir::Expr* expr;
    llvm::SmallVector<const ir::Expr*, 4> operands;
    std::size_t next = 0;
  };
  const auto found = values_.find(&root.node());
  if (found != values_.end()) return found->second;
  std::vector<Visit> stack;
  stack.push_back({&root, operands(root)});
  while (!stack.empty()) {
    Visit& top = stack.back();
    if (top.next < top.operands.size()) {
      const ir::Expr* operand = top.operands[top.next++];
      if (!values_.contains(&operand->node())) stack.push_back({operand, operands(*operand)});
      continue;
    }
    const ir::Expr& expr = *top.expr;
    llvm::SmallVector<Value*, 4> operand_values;
    for (const ir::Expr* operand : top.operands) operand_values.push_back(values_.at(&operand->node()));
    if (lines != nullptr) builder.SetCurrentDebugLocation(lines->of(expr));
    Value* result = nullptr;
    if (operand_values.empty()) {
      result = leaf(expr);
    } else if (ir::get_if<ir::Variable>(expr) != nullptr) {
      result = operand_values.front();
    } else {
      result = emit_operation(builder, expr, operand_values);
    }
    values_.emplace(&expr.node(), result);
    stack.pop_back();
  }
  return values_.at(&root.node());
}

Value* not_a_leaf() {
  CPPSTENCILS_CHECK(false, "An operation is not a leaf of an expression.");
  return nullptr;
}

Scope::Scope(const ir::Kernel& kernel, llvm::Function& function)
    : ExprEmitter(function.getContext()),
      kernel_(kernel),
      function_(function),
      arguments_(function.getContext()),
      variables_(kernel.variables.size(), nullptr),
      definitions_(kernel.variables.size(), nullptr),
      loop_indices_(static_cast<std::size_t>(kernel.rank), nullptr) {
  std::size_t strides = 0;
  for (const ir::Buffer& buffer : kernel.buffers) {
    first_stride_.push_back(strides);
    strides += static_cast<std::size_t>(buffer.axes());
  }
  auto* arguments = llvm::BasicBlock::Create(context(), "arguments", &function);
  auto* start = llvm::BasicBlock::Create(context(), "start", &function);
  arguments_.SetInsertPoint(llvm::BranchInst::Create(start, arguments));
  builder.SetInsertPoint(start);
}

const ir::Expr* Scope::definition(ir::VarId id) const {
  return variables_[id.value] != nullptr ? nullptr : definitions_[id.value];
}

Value* Scope::entry(Table table, std::size_t index) {
  Value*& known = entries_[{table, index}];
  if (known != nullptr) return known;
  llvm::Type* pointer = arguments_.getPtrTy();
  // CppstencilsKernelArguments is four pointers: data, strides, scalars, context.
  const auto member = [&](unsigned number) {
    return arguments_.CreateLoad(pointer, arguments_.CreateConstInBoundsGEP1_64(pointer, function_.getArg(0), number));
  };
  const auto load = [&](llvm::Type* type, Value* base) {
    return arguments_.CreateLoad(type, arguments_.CreateConstInBoundsGEP1_64(type, base, index));
  };
  switch (table) {
    case Table::data:
      return known = load(pointer, member(0));
    case Table::strides:
      return known = load(arguments_.getInt64Ty(), member(1));
    case Table::scalars:
      return known = load(pointer, member(2));
    case Table::begin:
      return known = load(arguments_.getInt64Ty(), function_.getArg(1));
    case Table::end:
      return known = load(arguments_.getInt64Ty(), function_.getArg(2));
  }
  return known;
}

Value* Scope::data(ir::BufferId buffer) { return entry(Table::data, buffer.value); }
Value* Scope::accumulators(ir::ReductionId reduction) {
  return entry(Table::data, kernel_.buffers.size() + reduction.value);
}
Value* Scope::begin(int dimension) { return entry(Table::begin, static_cast<std::size_t>(dimension)); }
Value* Scope::end(int dimension) { return entry(Table::end, static_cast<std::size_t>(dimension)); }

Value* Scope::scalar_parameter(ir::ScalarId id) {
  Value*& known = scalars_[id.value];
  if (known != nullptr) return known;
  const DType dtype = kernel_.scalar(id).dtype;
  Value* address = entry(Table::scalars, id.value);
  return known = value_from_memory(arguments_, dtype, arguments_.CreateLoad(memory_type(context(), dtype), address));
}

Value* Scope::add(Value* a, Value* b) {
  if (a == nullptr || b == nullptr) return a == nullptr ? b : a;
  Value*& sum = arithmetic_[{'+', a, b}];
  return sum != nullptr ? sum : sum = builder.CreateAdd(a, b);
}

Value* Scope::multiply(Value* a, Value* b) {
  if (a == nullptr || b == nullptr) return nullptr;
  Value*& product = arithmetic_[{'*', a, b}];
  return product != nullptr ? product : product = builder.CreateMul(a, b);
}

Value* Scope::leaf(const ir::Expr& expr) {
  return ir::match(
      expr, [&](const ir::Constant& e) -> Value* { return literal(context(), expr.type(), e.bits); },
      [&](const ir::Variable& e) -> Value* {
        CPPSTENCILS_CHECK(variables_[e.id.value] != nullptr, "A variable is used before its definition.");
        return variables_[e.id.value];
      },
      [&](const ir::ScalarParameter& e) -> Value* { return scalar_parameter(e.id); },
      [&](const ir::LoopIndex& e) -> Value* {
        CPPSTENCILS_CHECK(loop_index(e.dimension) != nullptr, "A loop index is used outside its loop.");
        return loop_index(e.dimension);
      },
      [&](const ir::Stride& e) -> Value* {
        return entry(Table::strides, first_stride_[e.buffer.value] + static_cast<std::size_t>(e.axis));
      },
      [&](const ir::Load&) -> Value* {
        CPPSTENCILS_CHECK(false, "A kernel has accesses that were not lowered.");
        return nullptr;
      },
      [&](const ir::ElementLoad& e) -> Value* {
        llvm::Type* type = memory_type(context(), expr.type());
        Value* address = builder.CreateGEP(type, data(e.buffer), value(e.position));
        return value_from_memory(builder, expr.type(), builder.CreateLoad(type, address));
      },
      [](const ir::Unary&) -> Value* { return not_a_leaf(); }, [](const ir::Binary&) -> Value* { return not_a_leaf(); },
      [](const ir::FusedMultiplyAdd&) -> Value* { return not_a_leaf(); },
      [](const ir::Compare&) -> Value* { return not_a_leaf(); },
      [](const ir::Select&) -> Value* { return not_a_leaf(); }, [](const ir::Call&) -> Value* { return not_a_leaf(); },
      [](const ir::Cast&) -> Value* { return not_a_leaf(); },
      [](const ir::Reinterpret&) -> Value* { return not_a_leaf(); });
}

}  // namespace cppstencils::emit
