#include "emit/ir_to_llvm_types.hpp"

#include <numeric>
#include <vector>

#include "cppstencils/support/error.hpp"

namespace cppstencils::emit {

llvm::Type* value_type(llvm::LLVMContext& context, DType dtype) {
  switch (dtype) {
    case DType::boolean:
      return llvm::Type::getInt1Ty(context);
    case DType::int8:
    case DType::uint8:
      return llvm::Type::getInt8Ty(context);
    case DType::int16:
    case DType::uint16:
      return llvm::Type::getInt16Ty(context);
    case DType::int32:
    case DType::uint32:
      return llvm::Type::getInt32Ty(context);
    case DType::int64:
    case DType::uint64:
      return llvm::Type::getInt64Ty(context);
    case DType::float32:
      return llvm::Type::getFloatTy(context);
    case DType::float64:
      return llvm::Type::getDoubleTy(context);
  }
  CPPSTENCILS_CHECK(false, "A data type has no LLVM type.");
  return nullptr;
}

llvm::Type* memory_type(llvm::LLVMContext& context, DType dtype) {
  return dtype == DType::boolean ? llvm::Type::getInt8Ty(context) : value_type(context, dtype);
}

llvm::Type* with_lanes(llvm::Type* type, unsigned lanes) {
  return lanes == 1 ? type : llvm::FixedVectorType::get(type, lanes);
}

llvm::Constant* literal(llvm::LLVMContext& context, DType dtype, std::uint64_t bits) {
  llvm::Type* type = value_type(context, dtype);
  if (!type->isFloatingPointTy()) return llvm::ConstantInt::get(type, bits);
  const llvm::APInt image(type->getScalarSizeInBits(), bits);
  return llvm::ConstantFP::get(context, llvm::APFloat(type->getFltSemantics(), image));
}

llvm::Constant* lane_numbers(llvm::LLVMContext& context, unsigned lanes) {
  std::vector<std::uint64_t> numbers(lanes);
  std::iota(numbers.begin(), numbers.end(), 0);
  return llvm::ConstantDataVector::get(context, numbers);
}

llvm::Value* splat(llvm::IRBuilderBase& builder, llvm::Value* scalar, unsigned lanes) {
  return lanes == 1 ? scalar : builder.CreateVectorSplat(lanes, scalar);
}

llvm::Value* value_from_memory(llvm::IRBuilderBase& builder, DType dtype, llvm::Value* loaded) {
  if (dtype != DType::boolean) return loaded;
  return builder.CreateICmpNE(loaded, llvm::Constant::getNullValue(loaded->getType()));
}

llvm::Value* value_to_memory(llvm::IRBuilderBase& builder, DType dtype, llvm::Value* value) {
  if (dtype != DType::boolean) return value;
  return builder.CreateZExt(value, value->getType()->getWithNewBitWidth(8));
}

}  // namespace cppstencils::emit
