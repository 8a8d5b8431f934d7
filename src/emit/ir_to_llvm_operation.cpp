#include "emit/ir_to_llvm_operation.hpp"

#include <llvm/IR/Intrinsics.h>
#include <llvm/IR/Module.h>

#include <cmath>

#include "cppstencils/support/error.hpp"
#include "emit/ir_to_llvm.hpp"
#include "emit/ir_to_llvm_rare.hpp"
#include "emit/ir_to_llvm_types.hpp"

namespace cppstencils::emit {
namespace {

using llvm::IRBuilderBase;
using llvm::Value;

Value* zero_like(Value* value) { return llvm::Constant::getNullValue(value->getType()); }

/// The type with as many lanes as `value` has.
llvm::Type* type_like(IRBuilderBase& builder, DType dtype, Value* value) {
  llvm::Type* type = value_type(builder.getContext(), dtype);
  const auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(value->getType());
  return vector == nullptr ? type : with_lanes(type, vector->getNumElements());
}

Value* unary(IRBuilderBase& builder, ir::UnaryOp op, DType type, Value* a) {
  switch (op) {
    case ir::UnaryOp::negate:
      return is_float(type) ? builder.CreateFNeg(a) : builder.CreateNeg(a);
    case ir::UnaryOp::logical_not:
      return builder.CreateNot(a);
    case ir::UnaryOp::absolute:
      if (is_float(type)) return builder.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, a);
      if (is_unsigned_integer(type)) return a;
      return builder.CreateBinaryIntrinsic(llvm::Intrinsic::abs, a, builder.getFalse());
    case ir::UnaryOp::square_root:
      return builder.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, a);
    case ir::UnaryOp::floor:
      return builder.CreateUnaryIntrinsic(llvm::Intrinsic::floor, a);
    case ir::UnaryOp::ceil:
      return builder.CreateUnaryIntrinsic(llvm::Intrinsic::ceil, a);
    case ir::UnaryOp::rarely:
      return builder.Insert(new RareMark(a));
  }
  CPPSTENCILS_CHECK(false, "A unary operator has no LLVM form.");
  return nullptr;
}

// The divisor is replaced where the division would trap, in every lane and before it is used.
Value* divide_integers(IRBuilderBase& builder, DType type, Value* a, Value* b) {
  Value* one = llvm::ConstantInt::get(b->getType(), 1);
  Value* by_zero = builder.CreateICmpEQ(b, zero_like(b));
  if (is_unsigned_integer(type)) {
    Value* quotient = builder.CreateUDiv(a, builder.CreateSelect(by_zero, one, b));
    return builder.CreateSelect(by_zero, zero_like(a), quotient);
  }
  Value* by_minus_one = builder.CreateICmpEQ(b, llvm::Constant::getAllOnesValue(b->getType()));
  Value* divisor = builder.CreateSelect(builder.CreateOr(by_zero, by_minus_one), one, b);
  Value* quotient = builder.CreateSDiv(a, divisor);
  return builder.CreateSelect(by_zero, zero_like(a),
                              builder.CreateSelect(by_minus_one, builder.CreateNeg(a), quotient));
}

enum class Extremum : std::uint8_t { minimum, maximum };

Value* extremum(IRBuilderBase& builder, Extremum which, DType type, Value* a, Value* b) {
  const bool minimum = which == Extremum::minimum;
  if (is_float(type)) {
    // The inner select is one instruction on x86 (it returns its second operand for NaN and equal operands).
    Value* better = minimum ? builder.CreateFCmpOLT(a, b) : builder.CreateFCmpOGT(a, b);
    Value* is_nan = builder.CreateFCmpUNO(a, a);
    return builder.CreateSelect(is_nan, a, builder.CreateSelect(better, a, b));
  }
  const auto intrinsic = is_signed_integer(type) ? (minimum ? llvm::Intrinsic::smin : llvm::Intrinsic::smax)
                                                 : (minimum ? llvm::Intrinsic::umin : llvm::Intrinsic::umax);
  return builder.CreateBinaryIntrinsic(intrinsic, a, b);
}

Value* binary(IRBuilderBase& builder, ir::BinaryOp op, DType type, Value* a, Value* b) {
  const bool floating = is_float(type);
  switch (op) {
    case ir::BinaryOp::add:
      return floating ? builder.CreateFAdd(a, b) : builder.CreateAdd(a, b);
    case ir::BinaryOp::subtract:
      return floating ? builder.CreateFSub(a, b) : builder.CreateSub(a, b);
    case ir::BinaryOp::multiply:
      return floating ? builder.CreateFMul(a, b) : builder.CreateMul(a, b);
    case ir::BinaryOp::divide:
      return floating ? builder.CreateFDiv(a, b) : divide_integers(builder, type, a, b);
    case ir::BinaryOp::minimum:
      return extremum(builder, Extremum::minimum, type, a, b);
    case ir::BinaryOp::maximum:
      return extremum(builder, Extremum::maximum, type, a, b);
    case ir::BinaryOp::bit_xor:
      return builder.CreateXor(a, b);
    case ir::BinaryOp::bit_and:
    case ir::BinaryOp::logical_and:
      return builder.CreateAnd(a, b);
    case ir::BinaryOp::logical_or:
      return builder.CreateOr(a, b);
  }
  CPPSTENCILS_CHECK(false, "A binary operator has no LLVM form.");
  return nullptr;
}

Value* compare(IRBuilderBase& builder, ir::CompareOp op, DType type, Value* a, Value* b) {
  using llvm::CmpInst;
  const auto predicate = [&](CmpInst::Predicate for_floats, CmpInst::Predicate for_signed,
                             CmpInst::Predicate for_unsigned) {
    return is_float(type) ? for_floats : is_signed_integer(type) ? for_signed : for_unsigned;
  };
  switch (op) {
    case ir::CompareOp::equal:
      return builder.CreateCmp(predicate(CmpInst::FCMP_OEQ, CmpInst::ICMP_EQ, CmpInst::ICMP_EQ), a, b);
    case ir::CompareOp::not_equal:
      return builder.CreateCmp(predicate(CmpInst::FCMP_UNE, CmpInst::ICMP_NE, CmpInst::ICMP_NE), a, b);
    case ir::CompareOp::less:
      return builder.CreateCmp(predicate(CmpInst::FCMP_OLT, CmpInst::ICMP_SLT, CmpInst::ICMP_ULT), a, b);
    case ir::CompareOp::less_equal:
      return builder.CreateCmp(predicate(CmpInst::FCMP_OLE, CmpInst::ICMP_SLE, CmpInst::ICMP_ULE), a, b);
  }
  CPPSTENCILS_CHECK(false, "A comparison has no LLVM form.");
  return nullptr;
}

/// Truncated and saturated, NaN as 0.
Value* to_integer(IRBuilderBase& builder, DType to, DType from, Value* a, llvm::Type* type) {
  const bool is_signed = is_signed_integer(to);
  const int bits = static_cast<int>(8 * size_of(to)) - (is_signed ? 1 : 0);
  if (bits > (from == DType::float32 ? 24 : 53)) {
    const auto intrinsic = is_signed ? llvm::Intrinsic::fptosi_sat : llvm::Intrinsic::fptoui_sat;
    return builder.CreateIntrinsic(intrinsic, {type, a->getType()}, {a});
  }
  // The limits are floats. LLVM's own operation takes vectors apart.
  Value* low = llvm::ConstantFP::get(a->getType(), is_signed ? -std::ldexp(1.0, bits) : 0.0);
  Value* high = llvm::ConstantFP::get(a->getType(), std::ldexp(1.0, bits) - 1);
  a = builder.CreateSelect(builder.CreateFCmpORD(a, a), a, zero_like(a));
  a = builder.CreateSelect(builder.CreateFCmpOLT(a, low), low, a);
  a = builder.CreateSelect(builder.CreateFCmpOLT(high, a), high, a);
  return is_signed ? builder.CreateFPToSI(a, type) : builder.CreateFPToUI(a, type);
}

Value* cast(IRBuilderBase& builder, DType to, DType from, Value* a) {
  if (to == from) return a;
  if (to == DType::boolean) {
    return is_float(from) ? builder.CreateFCmpUNE(a, zero_like(a)) : builder.CreateICmpNE(a, zero_like(a));
  }
  llvm::Type* type = type_like(builder, to, a);
  if (is_float(to)) {
    if (is_float(from)) return builder.CreateFPCast(a, type);
    return is_signed_integer(from) ? builder.CreateSIToFP(a, type) : builder.CreateUIToFP(a, type);
  }
  if (is_float(from)) return to_integer(builder, to, from, a, type);
  return is_signed_integer(from) ? builder.CreateSExtOrTrunc(a, type) : builder.CreateZExtOrTrunc(a, type);
}

// The functions are declared without side effects, so that equal calls may be shared; `nobuiltin` keeps LLVM from
// knowing them by name and computing or rewriting them itself.
llvm::FunctionCallee math_function(llvm::Module& module, ir::MathFunction function, DType type, std::size_t arguments) {
  llvm::LLVMContext& context = module.getContext();
  llvm::Type* number = value_type(context, type);
  const llvm::SmallVector<llvm::Type*> parameters(arguments, number);
  auto* function_type = llvm::FunctionType::get(number, parameters, false);
  llvm::AttrBuilder attributes(context);
  attributes.addAttribute(llvm::Attribute::NoUnwind);
  attributes.addAttribute(llvm::Attribute::WillReturn);
  attributes.addAttribute(llvm::Attribute::NoBuiltin);
  attributes.addMemoryAttr(llvm::MemoryEffects::none());
  const auto list = llvm::AttributeList::get(context, llvm::AttributeList::FunctionIndex, attributes);
  return module.getOrInsertFunction(llvm_math_symbol(function, type), function_type, list);
}

// One call per lane: the results must not depend on the width of vectors.
Value* call(IRBuilderBase& builder, ir::MathFunction function, DType type, llvm::ArrayRef<Value*> operands) {
  llvm::Module& module = *builder.GetInsertBlock()->getModule();
  const llvm::FunctionCallee callee = math_function(module, function, type, operands.size());
  const auto call_once = [&](llvm::ArrayRef<Value*> arguments) {
    llvm::CallInst* instruction = builder.CreateCall(callee, arguments);
    instruction->addFnAttr(llvm::Attribute::NoBuiltin);
    return instruction;
  };
  auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(operands.front()->getType());
  if (vector == nullptr) return call_once(operands);
  Value* result = llvm::PoisonValue::get(vector);
  for (unsigned lane = 0; lane < vector->getNumElements(); ++lane) {
    llvm::SmallVector<Value*, 2> arguments;
    for (Value* operand : operands) arguments.push_back(builder.CreateExtractElement(operand, lane));
    result = builder.CreateInsertElement(result, call_once(arguments), lane);
  }
  return result;
}

Value* not_an_operation() {
  CPPSTENCILS_CHECK(false, "A leaf of an expression is not an operation.");
  return nullptr;
}

}  // namespace

Value* emit_operation(IRBuilderBase& builder, const ir::Expr& expr, llvm::ArrayRef<Value*> operands) {
  const DType type = expr.type();
  return ir::match(
      expr, [](const ir::Constant&) -> Value* { return not_an_operation(); },
      [](const ir::Variable&) -> Value* { return not_an_operation(); },
      [](const ir::ScalarParameter&) -> Value* { return not_an_operation(); },
      [](const ir::LoopIndex&) -> Value* { return not_an_operation(); },
      [](const ir::Stride&) -> Value* { return not_an_operation(); },
      [](const ir::Load&) -> Value* { return not_an_operation(); },
      [](const ir::ElementLoad&) -> Value* { return not_an_operation(); },
      [&](const ir::Unary& e) -> Value* { return unary(builder, e.op, type, operands[0]); },
      [&](const ir::Binary& e) -> Value* { return binary(builder, e.op, type, operands[0], operands[1]); },
      [&](const ir::FusedMultiplyAdd&) -> Value* {
        return builder.CreateIntrinsic(llvm::Intrinsic::fma, {operands[0]->getType()},
                                       {operands[0], operands[1], operands[2]});
      },
      [&](const ir::Compare& e) -> Value* { return compare(builder, e.op, e.left.type(), operands[0], operands[1]); },
      [&](const ir::Select&) -> Value* { return builder.CreateSelect(operands[0], operands[1], operands[2]); },
      [&](const ir::Call& e) -> Value* { return call(builder, e.function, type, operands); },
      [&](const ir::Cast& e) -> Value* { return cast(builder, type, e.operand.type(), operands[0]); },
      [&](const ir::Reinterpret&) -> Value* {
        return builder.CreateBitCast(operands[0], type_like(builder, type, operands[0]));
      });
}

}  // namespace cppstencils::emit
