#include "ir/parse_literal.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "ir/builder.hpp"
#include "ir/text_form.hpp"
#include "ir/typing.hpp"

namespace cppstencils::ir {
namespace {

constexpr std::array suffixed_types{DType::int8,   DType::int16,  DType::int32,  DType::uint8,
                                    DType::uint16, DType::uint32, DType::uint64, DType::float32};

[[noreturn]] void fail_literal(const Token& token, DType type) {
  TokenReader::fail(token, fmt::format("'{}' is not a literal of {}.", token.text, cppstencils::to_string(type)));
}

/// The value of the whole text, if it is a number of this type.
template <class Number>
std::optional<Number> read(const std::string& digits) {
  Number value{};
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (result.ec != std::errc() || result.ptr != digits.data() + digits.size()) return {};
  return value;
}

Expr literal(const Token& token, DType type, std::optional<std::uint64_t> bits) {
  if (!bits || typing_fault(Constant{*bits}, type)) fail_literal(token, type);
  return constant_from_bits(type, *bits);
}

template <class Number>
std::optional<std::uint64_t> integer_bits(const std::string& digits) {
  const std::optional<Number> value = read<Number>(digits);
  if (!value) return {};
  return static_cast<std::make_unsigned_t<Number>>(*value);
}

std::optional<std::uint64_t> literal_bits(const std::string& digits, DType type) {
  switch (type) {
    case DType::int8:
      return integer_bits<std::int8_t>(digits);
    case DType::int16:
      return integer_bits<std::int16_t>(digits);
    case DType::int32:
      return integer_bits<std::int32_t>(digits);
    case DType::int64:
      return integer_bits<std::int64_t>(digits);
    case DType::uint8:
      return integer_bits<std::uint8_t>(digits);
    case DType::uint16:
      return integer_bits<std::uint16_t>(digits);
    case DType::uint32:
      return integer_bits<std::uint32_t>(digits);
    case DType::uint64:
      return integer_bits<std::uint64_t>(digits);
    case DType::float32: {
      const std::optional<float> value = read<float>(digits);
      return value ? std::optional(bits_of_float(type, *value)) : std::nullopt;
    }
    case DType::float64: {
      const std::optional<double> value = read<double>(digits);
      return value ? std::optional(bits_of_float(type, *value)) : std::nullopt;
    }
    case DType::boolean:
      return {};
  }
  return {};
}

}  // namespace

Expr parse_number(const Token& token, Sign sign) {
  std::string_view text = token.text;
  DType type = text.find_first_of(".e") == std::string_view::npos ? DType::int64 : DType::float64;
  for (const DType suffixed : suffixed_types) {
    if (!text.ends_with(literal_suffix(suffixed))) continue;
    type = suffixed;
    text.remove_suffix(literal_suffix(suffixed).size());
    break;
  }
  const std::string digits = (sign == Sign::minus ? "-" : "") + std::string(text);
  return literal(token, type, literal_bits(digits, type));
}

Expr parse_float_bits(const Token& token, DType type) {
  const std::string_view text = token.text;
  std::uint64_t bits = 0;
  if (!text.starts_with("0x")) fail_literal(token, type);
  const auto result = std::from_chars(text.data() + 2, text.data() + text.size(), bits, 16);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) fail_literal(token, type);
  return literal(token, type, bits);
}

}  // namespace cppstencils::ir
