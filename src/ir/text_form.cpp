#include "ir/text_form.hpp"

#include <fmt/format.h>

namespace cppstencils::ir {

std::optional<InfixText> infix_text(BinaryOp op) {
  switch (op) {
    case BinaryOp::add:
      return InfixText{"+", Precedence::sum};
    case BinaryOp::subtract:
      return InfixText{"-", Precedence::sum};
    case BinaryOp::multiply:
      return InfixText{"*", Precedence::product};
    case BinaryOp::divide:
      return InfixText{"/", Precedence::product};
    case BinaryOp::logical_and:
      return InfixText{"&&", Precedence::logical_and};
    case BinaryOp::logical_or:
      return InfixText{"||", Precedence::logical_or};
    case BinaryOp::minimum:
    case BinaryOp::maximum:
    case BinaryOp::bit_and:
    case BinaryOp::bit_xor:
      return {};
  }
  return {};
}

std::string_view infix_text(CompareOp op) {
  switch (op) {
    case CompareOp::equal:
      return "==";
    case CompareOp::not_equal:
      return "!=";
    case CompareOp::less:
      return "<";
    case CompareOp::less_equal:
      return "<=";
  }
  return {};
}

std::string_view literal_suffix(DType type) {
  switch (type) {
    case DType::int8:
      return "i8";
    case DType::int16:
      return "i16";
    case DType::int32:
      return "i32";
    case DType::uint8:
      return "u8";
    case DType::uint16:
      return "u16";
    case DType::uint32:
      return "u32";
    case DType::uint64:
      return "u64";
    case DType::float32:
      return "f32";
    case DType::boolean:
    case DType::int64:
    case DType::float64:
      return "";
  }
  return {};
}

std::string reinterpret_text(DType type) { return fmt::format("bits_as_{}", cppstencils::to_string(type)); }

std::string_view to_string(FpMode mode) {
  switch (mode) {
    case FpMode::strict:
      return "strict";
    case FpMode::contract:
      return "contract";
    case FpMode::fast:
      return "fast";
  }
  return {};
}

std::string_view to_string(IterationOrder order) {
  switch (order) {
    case IterationOrder::independent:
      return "independent";
    case IterationOrder::sequential:
      return "sequential";
  }
  return {};
}

std::string_view to_string(BufferAccess access) {
  switch (access) {
    case BufferAccess::read:
      return "read";
    case BufferAccess::write:
      return "write";
    case BufferAccess::read_write:
      return "read_write";
  }
  return {};
}

}  // namespace cppstencils::ir
