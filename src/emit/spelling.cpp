#include "emit/spelling.hpp"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "ir/builder.hpp"

namespace cppstencils::emit {
namespace {

/// The shortest decimal text that reads back as the same value.
template <class Float>
std::string float_literal(Float value, std::string_view suffix, Dialect dialect) {
  const bool is_device = dialect != Dialect::cpp;
  if (is_device && !std::isfinite(value)) {
    return suffix.empty() ? fmt::format("__longlong_as_double({:#x}ll)", std::bit_cast<std::uint64_t>(double(value)))
                          : fmt::format("__int_as_float({:#x})", std::bit_cast<std::uint32_t>(float(value)));
  }
  if (std::isnan(value)) return fmt::format("__builtin_nan{}(\"\")", suffix);
  if (std::isinf(value)) return fmt::format("{}__builtin_inf{}()", value < 0 ? "-" : "", suffix);
  char buffer[64];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  std::string text(buffer, end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text.append(suffix);
}

std::string signed_literal(std::int64_t value, std::int64_t smallest) {
  // The digits of the smallest value alone are out of range.
  if (value == smallest) return fmt::format("({} - 1)", value + 1);
  return fmt::format("{}", value);
}

bool is_plain(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

}  // namespace

std::string_view type_name(DType type) {
  switch (type) {
    case DType::boolean:
      return "bool";
    case DType::float32:
      return "float";
    case DType::float64:
      return "double";
    case DType::int8:
    case DType::int16:
    case DType::int32:
    case DType::int64:
    case DType::uint8:
    case DType::uint16:
    case DType::uint32:
    case DType::uint64:
      return type_suffix(type);
  }
  return {};
}

std::string_view element_type_name(DType type) { return type == DType::boolean ? "u8" : type_name(type); }

std::string_view type_suffix(DType type) {
  switch (type) {
    case DType::boolean:
      return "bool";
    case DType::int8:
      return "i8";
    case DType::int16:
      return "i16";
    case DType::int32:
      return "i32";
    case DType::int64:
      return "i64";
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
    case DType::float64:
      return "f64";
  }
  return {};
}

std::string type_definitions(Dialect dialect) {
  if (dialect != Dialect::cpp) {
    return "typedef signed char i8;\ntypedef unsigned char u8;\ntypedef short i16;\ntypedef unsigned short u16;\n"
           "typedef int i32;\ntypedef unsigned int u32;\ntypedef long long i64;\ntypedef unsigned long long u64;\n";
  }
  std::string text;
  for (const int bits : {8, 16, 32, 64}) {
    text += fmt::format("typedef __INT{0}_TYPE__ i{0};\ntypedef __UINT{0}_TYPE__ u{0};\n", bits);
  }
  return text;
}

std::string literal(DType type, std::uint64_t bits, Dialect dialect) {
  switch (type) {
    case DType::boolean:
      return bits != 0 ? "true" : "false";
    case DType::float32:
      return float_literal(static_cast<float>(ir::float_value(type, bits)), "f", dialect);
    case DType::float64:
      return float_literal(ir::float_value(type, bits), "", dialect);
    case DType::int8:
    case DType::int16:
      return fmt::format("{}", ir::int_value(type, bits));
    case DType::int32:
      return signed_literal(ir::int_value(type, bits), std::numeric_limits<std::int32_t>::min());
    case DType::int64:
      return signed_literal(ir::int_value(type, bits), std::numeric_limits<std::int64_t>::min());
    case DType::uint8:
    case DType::uint16:
      return fmt::format("{}", bits);
    case DType::uint32:
      return fmt::format("{}u", bits);
    case DType::uint64:
      return fmt::format("{}ull", bits);
  }
  return {};
}

std::string_view builtin_name(Builtin builtin, DType type, Dialect dialect) {
  struct Names {
    std::string_view f64;
    std::string_view f32;
  };
  const auto names = [&]() -> Names {
    // Names that say how they round, where a dialect has them: no option of the compiler changes what they do.
    switch (builtin) {
      case Builtin::absolute:
        return dialect == Dialect::cpp ? Names{"__builtin_fabs", "__builtin_fabsf"} : Names{"fabs", "fabsf"};
      case Builtin::square_root:
        if (dialect == Dialect::cpp) return {"__builtin_sqrt", "__builtin_sqrtf"};
        return dialect == Dialect::cuda ? Names{"__dsqrt_rn", "__fsqrt_rn"} : Names{"sqrt", "sqrtf"};
      case Builtin::floor:
        return dialect == Dialect::cpp ? Names{"__builtin_floor", "__builtin_floorf"} : Names{"floor", "floorf"};
      case Builtin::ceil:
        return dialect == Dialect::cpp ? Names{"__builtin_ceil", "__builtin_ceilf"} : Names{"ceil", "ceilf"};
      case Builtin::fused_multiply_add:
        if (dialect == Dialect::cpp) return {"__builtin_fma", "__builtin_fmaf"};
        return dialect == Dialect::cuda ? Names{"__fma_rn", "__fmaf_rn"} : Names{"fma", "fmaf"};
    }
    return {};
  }();
  return type == DType::float32 ? names.f32 : names.f64;
}

std::string plain_name(std::string_view text) {
  constexpr std::size_t max_length = 64;
  std::string name(text.substr(0, max_length));
  for (char& c : name) {
    if (!is_plain(c)) c = '_';
  }
  return name;
}

std::string NameTable::add(std::string_view prefix, std::string_view name) {
  const std::string base = fmt::format("{}{}", prefix, plain_name(name));
  std::string candidate = base;
  int& number = next_number_.try_emplace(base, 2).first->second;
  while (!taken_.insert(candidate).second) candidate = fmt::format("{}_{}", base, number++);
  return candidate;
}

}  // namespace cppstencils::emit
