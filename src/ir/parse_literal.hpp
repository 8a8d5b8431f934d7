#pragma once

#include <cstdint>

#include "cppstencils/ir/expr.hpp"
#include "ir/token_reader.hpp"

namespace cppstencils::ir {

/// What stands before the digits of a literal.
enum class Sign : std::uint8_t { plus, minus };

/// The literal of a number token such as "0.5f32" or "3".
Expr parse_number(const Token& token, Sign sign);

/// The floating-point literal with the bits of a hexadecimal number token.
Expr parse_float_bits(const Token& token, DType type);

}  // namespace cppstencils::ir
