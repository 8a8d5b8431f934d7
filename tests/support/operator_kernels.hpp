#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cppstencils/ir/kernel.hpp"
#include "ir/builder.hpp"

/// Kernels with every operator of the IR, before any pass.
namespace cppstencils::testing {

inline constexpr DType all_types[] = {DType::boolean, DType::int8,    DType::int16,  DType::int32,
                                      DType::int64,   DType::uint8,   DType::uint16, DType::uint32,
                                      DType::uint64,  DType::float32, DType::float64};
inline constexpr ir::MathFunction all_functions[] = {
    ir::MathFunction::exp,  ir::MathFunction::log,  ir::MathFunction::sin,  ir::MathFunction::cos,
    ir::MathFunction::tan,  ir::MathFunction::sinh, ir::MathFunction::cosh, ir::MathFunction::tanh,
    ir::MathFunction::asin, ir::MathFunction::acos, ir::MathFunction::atan, ir::MathFunction::atan2,
    ir::MathFunction::pow};

/// Stores many values that are computed from the same inputs a, b, c and the flag d.
class OperatorKernel {
 public:
  explicit OperatorKernel(DType type, std::string name) : type_(type) {
    kernel_.name = std::move(name);
    kernel_.rank = 1;
    for (const char* input : {"a", "b", "c"}) kernel_.buffers.push_back({input, type, ir::BufferAccess::read, 1, {}});
    kernel_.buffers.push_back({"d", DType::boolean, ir::BufferAccess::read, 1, {}});
  }

  ir::Expr a() const { return ir::load({0}, type_, {0}, {}); }
  ir::Expr b() const { return ir::load({1}, type_, {0}, {}); }
  ir::Expr c() const { return ir::load({2}, type_, {0}, {}); }
  ir::Expr d() const { return ir::load({3}, DType::boolean, {0}, {}); }
  /// 0 or 1.
  ir::Expr d_as(DType type) const { return ir::cast(type, d()); }

  void store(const ir::Expr& value) {
    const auto variable = static_cast<std::uint32_t>(kernel_.variables.size());
    kernel_.variables.push_back({"", value.type()});
    lets_.push_back({ir::Let{{variable}, value}});
    const auto buffer = static_cast<std::uint32_t>(kernel_.buffers.size());
    kernel_.buffers.push_back({fmt::format("out_{}", buffer), value.type(), ir::BufferAccess::write, 1, {}});
    stores_.push_back({ir::Store{{buffer}, {0}, {}, ir::variable({variable}, value.type())}});
  }

  ir::Kernel take() {
    for (ir::Stmt& stmt : stores_) lets_.push_back(std::move(stmt));
    kernel_.body = {{ir::Loop{0, 1, std::move(lets_)}}};
    return std::move(kernel_);
  }

 private:
  DType type_;
  ir::Kernel kernel_;
  ir::Block lets_;
  ir::Block stores_;
};

inline void store_number_operators(OperatorKernel& kernel, DType type) {
  using enum ir::BinaryOp;
  for (const ir::BinaryOp op : {add, subtract, multiply, divide, minimum, maximum}) {
    kernel.store(ir::binary(op, kernel.a(), kernel.b()));
  }
  if (is_integer(type)) {
    for (const ir::BinaryOp op : {bit_and, bit_xor}) {
      kernel.store(ir::binary(op, kernel.a(), kernel.b()));
      kernel.store(
          ir::binary(op, ir::binary(multiply, kernel.a(), kernel.b()), ir::binary(add, kernel.b(), kernel.c())));
      kernel.store(ir::binary(multiply, ir::binary(op, kernel.a(), kernel.b()), kernel.c()));
    }
  }
  kernel.store(ir::unary(ir::UnaryOp::negate, kernel.a()));
  kernel.store(ir::unary(ir::UnaryOp::absolute, kernel.a()));
  for (const ir::CompareOp op : {ir::CompareOp::less, ir::CompareOp::less_equal}) {
    kernel.store(ir::compare(op, kernel.a(), kernel.b()));
  }
  // Chains, in which the text keeps intermediate results modulo 2^n.
  const ir::Expr product = ir::binary(multiply, ir::binary(subtract, kernel.a(), kernel.b()), kernel.c());
  kernel.store(ir::binary(subtract, kernel.b(), product));
  kernel.store(ir::binary(divide, product, kernel.c()));
  kernel.store(ir::compare(ir::CompareOp::less, product, kernel.a()));
  kernel.store(ir::unary(ir::UnaryOp::absolute, ir::unary(ir::UnaryOp::negate, product)));
  for (const std::uint64_t bits : {std::uint64_t{1}, std::uint64_t{1} << (8 * size_of(type) - 1)}) {
    const ir::Expr constant = ir::constant_from_bits(type, bits);
    for (const ir::BinaryOp op : {add, subtract, multiply, divide}) {
      kernel.store(ir::binary(op, kernel.a(), constant));
      kernel.store(ir::binary(op, constant, kernel.a()));
    }
  }
}

inline void store_float_operators(OperatorKernel& kernel, DType type) {
  for (const ir::UnaryOp op : {ir::UnaryOp::square_root, ir::UnaryOp::floor, ir::UnaryOp::ceil}) {
    kernel.store(ir::unary(op, kernel.a()));
  }
  kernel.store(ir::fused_multiply_add(kernel.a(), kernel.b(), kernel.c()));
  // Must not be fused. The product is used nowhere else, so that both stand in one expression.
  kernel.store(ir::binary(ir::BinaryOp::add, ir::binary(ir::BinaryOp::multiply, kernel.a(), kernel.c()), kernel.b()));
  // Exact cancellation gives a zero whose sign shows whether the negation happened after the rounding.
  const ir::Expr cancelled = ir::fused_multiply_add(
      kernel.a(), kernel.c(),
      ir::binary(ir::BinaryOp::multiply, ir::unary(ir::UnaryOp::negate, kernel.a()), kernel.c()));
  kernel.store(ir::unary(ir::UnaryOp::negate, cancelled));
  kernel.store(
      ir::binary(ir::BinaryOp::multiply,
                 ir::fused_multiply_add(kernel.a(), kernel.d_as(type), ir::unary(ir::UnaryOp::negate, kernel.a())),
                 ir::float_constant(type, -1)));
  kernel.store(
      ir::binary(ir::BinaryOp::subtract, ir::float_constant(type, -0.0),
                 ir::fused_multiply_add(kernel.b(), kernel.d_as(type), ir::unary(ir::UnaryOp::negate, kernel.b()))));
  kernel.store(ir::unary(ir::UnaryOp::negate, ir::fused_multiply_add(kernel.c(), kernel.d_as(type),
                                                                     ir::unary(ir::UnaryOp::negate, kernel.c()))));
  for (const ir::MathFunction function : all_functions) {
    const bool takes_two = function == ir::MathFunction::atan2 || function == ir::MathFunction::pow;
    std::vector<ir::Expr> arguments{kernel.a()};
    if (takes_two) arguments.push_back(kernel.b());
    kernel.store(ir::call(function, arguments));
    // Constant arguments: compilers would like to compute these with a library of their own.
    std::vector<ir::Expr> constants{ir::float_constant(type, 0.7)};
    if (takes_two) constants.push_back(ir::float_constant(type, 1.3));
    kernel.store(ir::call(function, constants));
  }
  // Compilers know shorter ways for these, with other bits.
  for (const double exponent : {2.0, 3.0, 0.5, -1.0}) {
    kernel.store(ir::call(ir::MathFunction::pow, {kernel.a(), ir::float_constant(type, exponent)}));
  }
  kernel.store(ir::call(ir::MathFunction::pow, {ir::float_constant(type, 2), kernel.a()}));
  kernel.store(ir::call(ir::MathFunction::exp, {ir::call(ir::MathFunction::log, {kernel.a()})}));
}

/// Every operator and every conversion on a type.
inline ir::Kernel operators_of(DType type) {
  OperatorKernel kernel(type, fmt::format("operators_{}", to_string(type)));
  kernel.store(ir::compare(ir::CompareOp::equal, kernel.a(), kernel.b()));
  kernel.store(ir::compare(ir::CompareOp::not_equal, kernel.a(), kernel.b()));
  kernel.store(ir::select(kernel.d(), kernel.a(), kernel.b()));
  for (const DType to : all_types) {
    kernel.store(ir::cast(to, kernel.a()));
    // There and back: a compiler may see a rounding in it.
    kernel.store(ir::cast(type, ir::cast(to, kernel.a())));
  }
  for (const DType to : all_types) {
    if (size_of(to) != size_of(type) || !is_numeric(to) || !is_numeric(type) || is_float(to) == is_float(type))
      continue;
    // The bits of a NaN are left open.
    const ir::Expr is_number = ir::compare(ir::CompareOp::equal, kernel.a(), kernel.a());
    const ir::Expr number =
        is_float(type) ? ir::select(is_number, kernel.a(), ir::float_constant(type, 1)) : kernel.a();
    kernel.store(ir::reinterpret(to, number));
  }
  if (type == DType::boolean) {
    kernel.store(ir::binary(ir::BinaryOp::logical_and, kernel.a(), kernel.b()));
    kernel.store(ir::binary(ir::BinaryOp::logical_or, kernel.a(), kernel.b()));
    kernel.store(ir::unary(ir::UnaryOp::logical_not, kernel.a()));
  } else {
    store_number_operators(kernel, type);
  }
  if (is_float(type)) store_float_operators(kernel, type);
  return kernel.take();
}

}  // namespace cppstencils::testing
