#include "emit/helper_functions.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "emit/spelling.hpp"
#include "ir/builder.hpp"

namespace cppstencils::emit {
namespace {

/// The unsigned type in which wrap-around arithmetic of a type is computed.
std::string_view modular_type(DType type) { return size_of(type) == 8 ? "u64" : "u32"; }

}  // namespace

std::string HelperFunctions::define(std::string name, std::string definition) {
  const std::string_view prefix = dialect_ == Dialect::cpp ? "static inline" : "static __device__ inline";
  definitions_.try_emplace(name, fmt::format("{} {}", prefix, definition));
  return name;
}

std::string HelperFunctions::extremum(std::string_view name, std::string_view op, DType type) {
  // '|' instead of '||': no branch, so that loops become vector code.
  const std::string test = is_float(type) ? fmt::format("((a {} b) | (a != a))", op) : fmt::format("a {} b", op);
  std::string full_name = fmt::format("{}_{}", name, type_suffix(type));
  std::string definition =
      fmt::format("{0} {1}({0} a, {0} b) {{ return {2} ? a : b; }}\n", type_name(type), full_name, test);
  return define(std::move(full_name), std::move(definition));
}

std::string HelperFunctions::minimum(DType type) { return extremum("minimum", "<", type); }
std::string HelperFunctions::maximum(DType type) { return extremum("maximum", ">", type); }

std::string HelperFunctions::select(DType type) {
  std::string name = fmt::format("select_{}", type_suffix(type));
  std::string definition = fmt::format(
      "{0} {1}(bool c, {0} a, {0} b) {{\n"
      "#if defined(__clang__)\n"
      "  return c ? a : b;\n"
      "#else\n"
      "  {2} bits, other;\n"
      "  __builtin_memcpy(&bits, &a, {3});\n"
      "  __builtin_memcpy(&other, &b, {3});\n"
      "  bits = (bits & ({2}(0) - {2}(c))) | (other & ({2}(c) - {2}(1)));\n"
      "  __builtin_memcpy(&a, &bits, {3});\n"
      "  return a;\n"
      "#endif\n"
      "}}\n",
      type_name(type), name, modular_type(type), size_of(type));
  return define(std::move(name), std::move(definition));
}

std::string HelperFunctions::divide(DType type) {
  std::string name = fmt::format("divide_{}", type_suffix(type));
  std::string negative_one;
  if (is_signed_integer(type)) {
    negative_one = fmt::format("b == -1 ? {}(0 - {}(a)) : ", type_name(type), modular_type(type));
  }
  std::string definition = fmt::format("{0} {1}({0} a, {0} b) {{ return b == 0 ? {0}(0) : {2}{0}(a / b); }}\n",
                                       type_name(type), name, negative_one);
  return define(std::move(name), std::move(definition));
}

std::string HelperFunctions::absolute(DType type) {
  std::string name = fmt::format("absolute_{}", type_suffix(type));
  std::string definition = fmt::format("{0} {1}({0} a) {{ return a < 0 ? {0}(0 - {2}(a)) : a; }}\n", type_name(type),
                                       name, modular_type(type));
  return define(std::move(name), std::move(definition));
}

std::string HelperFunctions::negate(DType type) {
  std::string name = fmt::format("negate_{}", type_suffix(type));
  const std::size_t size = size_of(type);
  if (dialect_ != Dialect::cpp) {
    const bool is_single = type == DType::float32;
    return define(name, fmt::format("{0} {1}({0} a) {{ return {2}({3}(a) ^ {4}); }}\n", type_name(type), name,
                                    is_single ? "__int_as_float" : "__longlong_as_double",
                                    is_single ? "__float_as_int" : "__double_as_longlong",
                                    is_single ? "i32(0x80000000u)" : "i64(0x8000000000000000ull)"));
  }
  std::string definition = fmt::format(
      "{0} {1}({0} a) {{\n  {2} bits;\n  __builtin_memcpy(&bits, &a, {3});\n  bits ^= {2}(1) << {4};\n"
      "  __builtin_memcpy(&a, &bits, {3});\n  return a;\n}}\n",
      type_name(type), name, modular_type(type), size, 8 * size - 1);
  return define(std::move(name), std::move(definition));
}

std::string HelperFunctions::saturate(DType to, DType from) {
  std::string name = fmt::format("{}_from_{}", type_suffix(to), type_suffix(from));
  const int bits = static_cast<int>(8 * size_of(to)) - (is_signed_integer(to) ? 1 : 0);
  const std::uint64_t largest = std::numeric_limits<std::uint64_t>::max() >> (64 - bits);
  const std::uint64_t smallest = is_signed_integer(to) ? std::uint64_t{1} << bits : 0;
  const auto number = [&](double value) { return literal(from, ir::bits_of_float(from, value), dialect_); };
  std::string definition = fmt::format("{0} {1}({2} a) {{\n", type_name(to), name, type_name(from));
  if (bits <= (from == DType::float32 ? 24 : 53)) {
    // The limits are floats: then the conversion can follow without a branch, as vector code needs it.
    const std::string low = number(is_signed_integer(to) ? -std::ldexp(1.0, bits) : 0.0);
    const std::string high = number(static_cast<double>(largest));
    definition += fmt::format(
        "  a = a == a ? a : {0};\n  a = a < {1} ? {1} : a;\n  a = {2} < a ? {2} : a;\n  return {3}(a);\n}}\n",
        number(0), low, high, type_name(to));
    return define(std::move(name), std::move(definition));
  }
  // One past the largest value is a power of two, exact in every floating-point type.
  const std::string limit = number(std::ldexp(1.0, bits));
  definition += fmt::format("  return a >= {} ? {} : ", limit, literal(to, largest));
  if (is_signed_integer(to)) {
    definition +=
        fmt::format("a >= -{0} ? {1}(a) : a < -{0} ? {2} : 0;\n}}\n", limit, type_name(to), literal(to, smallest));
  } else {
    definition += fmt::format("a > 0 ? {}(a) : 0;\n}}\n", type_name(to));
  }
  return define(std::move(name), std::move(definition));
}

std::string HelperFunctions::reinterpret(DType to, DType from) {
  std::string name = fmt::format("{}_of_bits_of_{}", type_suffix(to), type_suffix(from));
  if (dialect_ != Dialect::cpp) {
    const bool is_single = size_of(to) == 4;
    const std::string_view read = is_float(to) ? (is_single ? "__int_as_float" : "__longlong_as_double")
                                               : (is_single ? "__float_as_int" : "__double_as_longlong");
    const std::string_view operand = is_float(from) ? "a" : is_single ? "i32(a)" : "i64(a)";
    return define(name, fmt::format("{0} {1}({2} a) {{ return {0}({3}({4})); }}\n", type_name(to), name,
                                    type_name(from), read, operand));
  }
  std::string definition =
      fmt::format("{0} {1}({2} a) {{\n  {0} result;\n  __builtin_memcpy(&result, &a, {3});\n  return result;\n}}\n",
                  type_name(to), name, type_name(from), size_of(to));
  return define(std::move(name), std::move(definition));
}

std::string HelperFunctions::math(ir::MathFunction function, DType type) {
  const bool takes_two = function == ir::MathFunction::atan2 || function == ir::MathFunction::pow;
  std::string name = fmt::format("{}{}", ir::to_string(function), type == DType::float32 ? "f" : "");
  if (dialect_ != Dialect::cpp) return name;
  declarations_.try_emplace(name, takes_two ? fmt::format("extern \"C\" {0} {1}({0}, {0});\n", type_name(type), name)
                                            : fmt::format("extern \"C\" {0} {1}({0});\n", type_name(type), name));
  return name;
}

std::string HelperFunctions::text() const {
  std::string text;
  for (const auto& [name, declaration] : declarations_) text += declaration;
  for (const auto& [name, definition] : definitions_) text += definition;
  return text;
}

}  // namespace cppstencils::emit
