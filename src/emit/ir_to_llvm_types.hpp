#pragma once

#include <llvm/IR/IRBuilder.h>

#include <cstdint>

#include "cppstencils/support/dtype.hpp"

/// Types and literals. A boolean is i1 as a value and i8, 0 or 1, in memory.
namespace cppstencils::emit {

llvm::Type* value_type(llvm::LLVMContext& context, DType dtype);
llvm::Type* memory_type(llvm::LLVMContext& context, DType dtype);
/// A vector of `lanes` elements; the type itself for one lane.
llvm::Type* with_lanes(llvm::Type* type, unsigned lanes);

llvm::Constant* literal(llvm::LLVMContext& context, DType dtype, std::uint64_t bits);
/// 0, 1, 2, ... as int64.
llvm::Constant* lane_numbers(llvm::LLVMContext& context, unsigned lanes);
/// The scalar in every lane.
llvm::Value* splat(llvm::IRBuilderBase& builder, llvm::Value* scalar, unsigned lanes);

llvm::Value* value_from_memory(llvm::IRBuilderBase& builder, DType dtype, llvm::Value* loaded);
llvm::Value* value_to_memory(llvm::IRBuilderBase& builder, DType dtype, llvm::Value* value);

}  // namespace cppstencils::emit
