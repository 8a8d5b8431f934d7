#include <limits>

#include "cppstencils/ir/kernel.hpp"
#include "cppstencils/support/error.hpp"
#include "ir/builder.hpp"

namespace cppstencils::ir {
namespace {

std::uint64_t smallest_bits(DType dtype) {
  if (is_float(dtype)) return bits_of_float(dtype, -std::numeric_limits<double>::infinity());
  if (!is_signed_integer(dtype)) return 0;
  return std::uint64_t{1} << (8 * size_of(dtype) - 1);
}

std::uint64_t largest_bits(DType dtype) {
  if (is_float(dtype)) return bits_of_float(dtype, std::numeric_limits<double>::infinity());
  const std::uint64_t all = ~std::uint64_t{0} >> (64 - 8 * size_of(dtype));
  return is_signed_integer(dtype) ? all >> 1 : all;
}

}  // namespace

BinaryOp lane_op(ReductionOp op) {
  switch (op) {
    case ReductionOp::add:
    case ReductionOp::subtract:
      return BinaryOp::add;
    case ReductionOp::multiply:
      return BinaryOp::multiply;
    case ReductionOp::minimum:
      return BinaryOp::minimum;
    case ReductionOp::maximum:
      return BinaryOp::maximum;
  }
  CPPSTENCILS_CHECK(false, "A reduction has an operation.");
  return BinaryOp::add;
}

std::uint64_t neutral_bits(ReductionOp op, DType dtype) {
  CPPSTENCILS_CHECK(is_numeric(dtype), "A reduction gives a number.");
  switch (op) {
    case ReductionOp::add:
    case ReductionOp::subtract:
      // 0.0 would turn a sum of -0.0 into 0.0.
      return is_float(dtype) ? bits_of_float(dtype, -0.0) : 0;
    case ReductionOp::multiply:
      return is_float(dtype) ? bits_of_float(dtype, 1.0) : 1;
    case ReductionOp::minimum:
      return largest_bits(dtype);
    case ReductionOp::maximum:
      return smallest_bits(dtype);
  }
  return 0;
}

}  // namespace cppstencils::ir
