#include "ir/builder.hpp"

#include <fmt/format.h>

#include <bit>
#include <utility>

#include "cppstencils/support/error.hpp"
#include "ir/typing.hpp"

namespace cppstencils::ir {
namespace {

[[noreturn]] void fail(std::string message) {
  throw InternalError({.code = ErrorCode::internal, .message = std::move(message)});
}

Expr make(NodeKind kind, DType type) {
  if (auto fault = typing_fault(kind, type)) fail(std::move(*fault));
  return Expr(Node{.kind = std::move(kind), .type = type});
}

int width_of(DType type) { return 8 * static_cast<int>(size_of(type)); }

}  // namespace

Expr float_constant(DType type, double value) { return make(Constant{bits_of_float(type, value)}, type); }

Expr int_constant(DType type, std::int64_t value) { return make(Constant{bits_of_int(type, value)}, type); }

Expr uint64_constant(std::uint64_t value) { return make(Constant{value}, DType::uint64); }

Expr bool_constant(bool value) { return make(Constant{value ? 1U : 0U}, DType::boolean); }

Expr constant_from_bits(DType type, std::uint64_t bits) { return make(Constant{bits}, type); }

Expr variable(VarId id, DType type) { return make(Variable{id}, type); }

Expr scalar_parameter(ScalarId id, DType type) { return make(ScalarParameter{id}, type); }

Expr loop_index(int dimension) { return make(LoopIndex{dimension}, DType::int64); }

Expr stride(BufferId buffer, int axis) { return make(Stride{buffer, axis}, DType::int64); }

Expr load(BufferId buffer, DType type, std::vector<std::int64_t> offsets, std::vector<std::int64_t> index) {
  return make(Load{buffer, std::move(offsets), std::move(index)}, type);
}

Expr element_load(BufferId buffer, DType type, Expr position) {
  return make(ElementLoad{buffer, std::move(position)}, type);
}

Expr unary(UnaryOp op, Expr operand) {
  const DType type = operand.type();
  return make(Unary{op, std::move(operand)}, type);
}

Expr binary(BinaryOp op, Expr left, Expr right) {
  const DType type = left.type();
  return make(Binary{op, std::move(left), std::move(right)}, type);
}

Expr fused_multiply_add(Expr a, Expr b, Expr c) {
  const DType type = a.type();
  return make(FusedMultiplyAdd{std::move(a), std::move(b), std::move(c)}, type);
}

Expr compare(CompareOp op, Expr left, Expr right) {
  return make(Compare{op, std::move(left), std::move(right)}, DType::boolean);
}

Expr select(Expr condition, Expr if_true, Expr if_false) {
  const DType type = if_true.type();
  return make(Select{std::move(condition), std::move(if_true), std::move(if_false)}, type);
}

Expr call(MathFunction function, std::vector<Expr> arguments) {
  CPPSTENCILS_CHECK(!arguments.empty(), "A math function has no operand.");
  const DType type = arguments[0].type();
  return make(Call{function, std::move(arguments)}, type);
}

Expr cast(DType type, Expr operand) {
  if (operand.type() == type) return operand;
  return make(Cast{std::move(operand)}, type);
}

Expr reinterpret(DType type, Expr operand) {
  if (operand.type() == type) return operand;
  return make(Reinterpret{std::move(operand)}, type);
}

double float_value(DType type, std::uint64_t bits) {
  CPPSTENCILS_CHECK(is_float(type), "The bits of a literal are read as a floating-point number and are none.");
  if (type == DType::float32) return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  return std::bit_cast<double>(bits);
}

std::int64_t int_value(DType type, std::uint64_t bits) {
  CPPSTENCILS_CHECK(!is_float(type), "The bits of a literal are read as an integer and are none.");
  if (!is_signed_integer(type)) return static_cast<std::int64_t>(bits);
  const int unused = 64 - width_of(type);
  return static_cast<std::int64_t>(bits << unused) >> unused;
}

std::uint64_t bits_of_float(DType type, double value) {
  CPPSTENCILS_CHECK(is_float(type), "A floating-point literal has another type.");
  if (type == DType::float32) return std::bit_cast<std::uint32_t>(static_cast<float>(value));
  return std::bit_cast<std::uint64_t>(value);
}

std::uint64_t bits_of_int(DType type, std::int64_t value) {
  CPPSTENCILS_CHECK(is_integer(type), "An integer literal has another type.");
  const int width = width_of(type);
  const std::uint64_t bits = width == 64 ? static_cast<std::uint64_t>(value)
                                         : static_cast<std::uint64_t>(value) & ((std::uint64_t{1} << width) - 1);
  if (int_value(type, bits) != value || (is_unsigned_integer(type) && value < 0)) {
    fail(fmt::format("The literal {} is outside the range of {}.", value, to_string(type)));
  }
  return bits;
}

std::optional<std::uint64_t> constant_bits(const Expr& expr) {
  const Constant* constant = get_if<Constant>(expr);
  if (constant == nullptr) return {};
  return constant->bits;
}

bool is_constant(const Expr& expr) { return get_if<Constant>(expr) != nullptr; }

}  // namespace cppstencils::ir
