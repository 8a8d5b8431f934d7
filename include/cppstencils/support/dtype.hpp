#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include "cppstencils/support/export.hpp"

namespace cppstencils {

/// The type of an array element, a scalar parameter or an intermediate value.
enum class DType : std::uint8_t {
  boolean,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float32,
  float64,
};

/// The canonical name, such as "float64" or "bool".
CPPSTENCILS_EXPORT std::string_view to_string(DType dtype);

/// Reads a type name: the canonical names and the usual C and NumPy spellings
/// ("double", "float", "int", "int64_t", "uint8"). "float" is float32, "int" is int64.
/// Empty when the name is unknown.
CPPSTENCILS_EXPORT std::optional<DType> parse_dtype(std::string_view name);

/// Size of one element in bytes.
constexpr std::size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::boolean:
    case DType::int8:
    case DType::uint8:
      return 1;
    case DType::int16:
    case DType::uint16:
      return 2;
    case DType::int32:
    case DType::uint32:
    case DType::float32:
      return 4;
    case DType::int64:
    case DType::uint64:
    case DType::float64:
      return 8;
  }
  return 0;
}

constexpr bool is_float(DType dtype) { return dtype == DType::float32 || dtype == DType::float64; }
constexpr bool is_integer(DType dtype) { return dtype != DType::boolean && !is_float(dtype); }
constexpr bool is_signed_integer(DType dtype) { return dtype >= DType::int8 && dtype <= DType::int64; }
constexpr bool is_unsigned_integer(DType dtype) { return dtype >= DType::uint8 && dtype <= DType::uint64; }
constexpr bool is_numeric(DType dtype) { return dtype != DType::boolean; }

/// True for the C++ types that an array element or a scalar argument may have.
template <class T>
concept Element = std::is_same_v<T, bool> || std::is_same_v<T, float> || std::is_same_v<T, double> ||
    (std::is_integral_v<T> && !std::is_same_v<T, bool> && sizeof(T) <= 8);

/// The DType of a C++ element type.
template <Element T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, bool>) {
    return DType::boolean;
  } else if constexpr (std::is_same_v<T, float>) {
    return DType::float32;
  } else if constexpr (std::is_same_v<T, double>) {
    return DType::float64;
  } else if constexpr (std::is_signed_v<T>) {
    return sizeof(T) == 1 ? DType::int8 : sizeof(T) == 2 ? DType::int16 : sizeof(T) == 4 ? DType::int32 : DType::int64;
  } else {
    return sizeof(T) == 1   ? DType::uint8
           : sizeof(T) == 2 ? DType::uint16
           : sizeof(T) == 4 ? DType::uint32
                            : DType::uint64;
  }
}

}  // namespace cppstencils
