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
  using Spelling = std::pair<std::string_view, DType>;
  static constexpr std::array spellings{
      Spelling{"bool", DType::boolean},    Spelling{"boolean", DType::boolean}, Spelling{"int8", DType::int8},
      Spelling{"int8_t", DType::int8},     Spelling{"int16", DType::int16},     Spelling{"int16_t", DType::int16},
      Spelling{"int32", DType::int32},     Spelling{"int32_t", DType::int32},   Spelling{"int64", DType::int64},
      Spelling{"int64_t", DType::int64},   Spelling{"int", DType::int64},       Spelling{"uint8", DType::uint8},
      Spelling{"uint8_t", DType::uint8},   Spelling{"uint16", DType::uint16},   Spelling{"uint16_t", DType::uint16},
      Spelling{"uint32", DType::uint32},   Spelling{"uint32_t", DType::uint32}, Spelling{"uint64", DType::uint64},
      Spelling{"uint64_t", DType::uint64}, Spelling{"uint", DType::uint64},     Spelling{"float", DType::float32},
      Spelling{"float32", DType::float32}, Spelling{"single", DType::float32},  Spelling{"double", DType::float64},
      Spelling{"float64", DType::float64},
  };
  for (const auto& [spelling, dtype] : spellings) {
    if (spelling == name) return dtype;
  }
  return std::nullopt;
}

}  // namespace cppstencils
