#include "emit/ir_to_llvm_rare.hpp"

#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/SmallPtrSet.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/MDBuilder.h>

#include <algorithm>
#include <vector>

namespace cppstencils::emit {
namespace {

using llvm::BasicBlock;
using llvm::Instruction;
using llvm::SelectInst;
using llvm::Value;

// A branch costs more than so few operations.
constexpr std::size_t fewest_operations = 4;

/// Selections of one condition in one block, in order, and what only their first operands need, in order.
struct RareValues {
  std::vector<SelectInst*> selections;
  std::vector<Instruction*> operations;
};

bool may_move(const Instruction& instruction) {
  return !instruction.mayReadOrWriteMemory() && !llvm::isa<llvm::PHINode>(instruction) && !instruction.isTerminator();
}

RareValues rare_values(std::vector<SelectInst*> selections) {
  const llvm::SmallPtrSet<const Value*, 8> group(selections.begin(), selections.end());
  llvm::SmallPtrSet<const Value*, 32> rare;
  const auto is_rare_use = [&](const llvm::Use& use) {
    return rare.contains(use.getUser()) || (group.contains(use.getUser()) && use.getOperandNo() == 1);
  };
  RareValues result{std::move(selections), {}};
  for (Instruction* i = result.selections.back()->getPrevNode(); i != nullptr; i = i->getPrevNode()) {
    if (group.contains(i) || i->use_empty() || !may_move(*i) || !llvm::all_of(i->uses(), is_rare_use)) continue;
    rare.insert(i);
    result.operations.push_back(i);
  }
  std::reverse(result.operations.begin(), result.operations.end());
  return result;
}

/// Everything that the operations and the selections need is there in front of the first selection.
bool can_branch_there(const RareValues& values) {
  const llvm::SmallPtrSet<const Value*, 32> moved(values.operations.begin(), values.operations.end());
  const Instruction* place = values.selections.front();
  const auto is_there = [&](const Value* operand) {
    const auto* instruction = llvm::dyn_cast<Instruction>(operand);
    return instruction == nullptr || instruction->getParent() != place->getParent() || moved.contains(instruction) ||
           instruction->comesBefore(place);
  };
  const auto has_operands = [&](const Instruction* operation) {
    return llvm::all_of(operation->operand_values(), is_there);
  };
  const auto has_rare_operand = [&](const SelectInst* selection) { return is_there(selection->getTrueValue()); };
  return llvm::all_of(values.operations, has_operands) && llvm::all_of(values.selections, has_rare_operand);
}

/// A branch in front of the first selection, to a block of its own. A selection whose other operand is there already
/// moves into that block; then nothing is left of it where no lane is rare.
void branch_around(const RareValues& values, Value* condition) {
  SelectInst* first = values.selections.front();
  BasicBlock* head = first->getParent();
  BasicBlock* tail = head->splitBasicBlock(first);
  BasicBlock* rare = BasicBlock::Create(head->getContext(), "rare", head->getParent(), tail);
  head->getTerminator()->eraseFromParent();
  llvm::IRBuilder<> builder(head);
  Value* any = condition->getType()->isVectorTy() ? builder.CreateOrReduce(condition) : condition;
  builder.CreateCondBr(any, rare, tail, llvm::MDBuilder(head->getContext()).createUnlikelyBranchWeights());
  builder.SetInsertPoint(rare);
  llvm::Instruction* end = builder.CreateBr(tail);
  for (Instruction* operation : values.operations) operation->moveBefore(end);
  const auto is_in_tail = [&](const Value* value) {
    const auto* instruction = llvm::dyn_cast<Instruction>(value);
    return instruction != nullptr && instruction->getParent() == tail;
  };
  for (SelectInst* selection : values.selections) {
    builder.SetInsertPoint(tail, tail->begin());
    llvm::PHINode* value = builder.CreatePHI(selection->getType(), 2);
    if (is_in_tail(selection->getFalseValue())) {
      value->addIncoming(selection->getTrueValue(), rare);
      // Of the other path no lane is taken.
      value->addIncoming(llvm::PoisonValue::get(selection->getType()), head);
      selection->setTrueValue(value);
    } else {
      value->addIncoming(selection, rare);
      value->addIncoming(selection->getFalseValue(), head);
      selection->replaceUsesWithIf(value, [&](const llvm::Use& use) { return use.getUser() != value; });
      selection->moveBefore(end);
    }
  }
}

/// The selections that a mark is the condition of, by block, in order.
std::vector<std::vector<SelectInst*>> selections_of(RareMark& mark) {
  std::vector<SelectInst*> all;
  for (const llvm::Use& use : mark.uses()) {
    auto* selection = llvm::dyn_cast<SelectInst>(use.getUser());
    if (selection != nullptr && use.getOperandNo() == 0) all.push_back(selection);
  }
  // Never ordered by address.
  std::vector<std::vector<SelectInst*>> blocks;
  for (BasicBlock& block : *mark.getFunction()) {
    std::vector<SelectInst*> here;
    for (SelectInst* selection : all) {
      if (selection->getParent() == &block) here.push_back(selection);
    }
    if (here.empty()) continue;
    std::sort(here.begin(), here.end(), [](const auto* a, const auto* b) { return a->comesBefore(b); });
    blocks.push_back(std::move(here));
  }
  return blocks;
}

}  // namespace

void branch_around_rare_values(llvm::Function& function) {
  std::vector<RareMark*> marks;
  for (Instruction& instruction : llvm::instructions(function)) {
    if (auto* mark = llvm::dyn_cast<RareMark>(&instruction)) marks.push_back(mark);
  }
  for (RareMark* mark : marks) {
    for (const std::vector<SelectInst*>& selections : selections_of(*mark)) {
      RareValues together = rare_values(selections);
      if (can_branch_there(together)) {
        if (together.operations.size() >= fewest_operations) branch_around(together, mark->getOperand(0));
        continue;
      }
      for (SelectInst* selection : selections) {
        const RareValues alone = rare_values({selection});
        if (alone.operations.size() >= fewest_operations) branch_around(alone, mark->getOperand(0));
      }
    }
    mark->replaceAllUsesWith(mark->getOperand(0));
    mark->eraseFromParent();
  }
}

}  // namespace cppstencils::emit
