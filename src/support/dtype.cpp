#include "cppstencils/support/dtype.hpp"

#include <array>
#include <utility>

namespace cppstencils {

std::string_view to_string(DType dtype) {
  switch (dtype) {
    case DType::boolean:
      return "bool";
    case DType::int8:
      return "int8";
    case DType::int16:
      return "int16";
    case DType::int32:
      return "int32";
    case DType::int64:
      return "int64";
    case DType::uint8:
      return "uint8";
    case DType::uint16:
      return "uint16";
    case DType::uint32:
      return "uint32";
    case DType::uint64:
      return "uint64";
    case DType::float32:
      return "float32";
    case DType::float64:
      return "float64";
  }
  return "unknown";
}

std::optional<DType> parse_dtype(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, DType>, 29> names{{
      {"bool", DType::boolean},      {"bool_", DType::boolean},   {"boolean", DType::boolean},
      {"int8", DType::int8},         {"int8_t", DType::int8},     {"int16", DType::int16},
      {"int16_t", DType::int16},     {"int32", DType::int32},     {"int32_t", DType::int32},
      {"int64", DType::int64},       {"int64_t", DType::int64},   {"int", DType::int64},
      {"uint8", DType::uint8},       {"uint8_t", DType::uint8},   {"uint16", DType::uint16},
      {"uint16_t", DType::uint16},   {"uint32", DType::uint32},   {"uint32_t", DType::uint32},
      {"uint64", DType::uint64},     {"uint64_t", DType::uint64}, {"uint", DType::uint64},
      {"float32", DType::float32},   {"float", DType::float32},   {"single", DType::float32},
      {"float32_t", DType::float32}, {"float64", DType::float64}, {"double", DType::float64},
      {"float64_t", DType::float64}, {"unsigned", DType::uint64},
  }};
  for (const auto& [known, dtype] : names) {
    if (known == name) return dtype;
  }
  return std::nullopt;
}

}  // namespace cppstencils
