#include "emit/ir_to_llvm_accumulators.hpp"

#include "emit/ir_to_llvm_types.hpp"

namespace cppstencils::emit {

using llvm::Value;

Accumulators::Accumulators(Row& row, llvm::BasicBlock* before) : row_(row), before_(before) {
  llvm::IRBuilder<> builder(before);
  const std::vector<ir::Reduction>& reductions = row.scope().kernel().reductions;
  for (std::uint32_t i = 0; i < reductions.size(); ++i) {
    const DType dtype = reductions[i].dtype;
    llvm::Type* type = with_lanes(memory_type(row.scope().context(), dtype), ir::reduction_lanes);
    values_.push_back(builder.CreateAlignedLoad(type, row.scope().accumulators({i}), llvm::Align(size_of(dtype))));
  }
}

void Accumulators::begin_loop(llvm::BasicBlock* body) {
  llvm::IRBuilder<> builder(body);
  for (Value*& value : values_) {
    llvm::PHINode* in_loop = builder.CreatePHI(value->getType(), 2);
    in_loop->addIncoming(value, before_);
    loop_values_.push_back(in_loop);
    value = in_loop;
  }
}

void Accumulators::end_loop(llvm::BasicBlock* body) {
  for (std::size_t i = 0; i < values_.size(); ++i) loop_values_[i]->addIncoming(values_[i], body);
}

void Accumulators::store(llvm::BasicBlock* after) const {
  llvm::IRBuilder<> builder(after);
  const std::vector<ir::Reduction>& reductions = row_.scope().kernel().reductions;
  for (std::uint32_t i = 0; i < values_.size(); ++i) {
    builder.CreateAlignedStore(values_[i], row_.scope().accumulators({i}), llvm::Align(size_of(reductions[i].dtype)));
  }
}

}  // namespace cppstencils::emit
