#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "cppstencils/ir/expr.hpp"

/// How types, numbers and names look in generated C++. Free functions, shared by the emitters of C-like text.
namespace cppstencils::emit {

/// The language of a text.
enum class Dialect : std::uint8_t {
  /// C++ with the built-ins of GCC and Clang.
  cpp,
  /// Device code as NVRTC takes it, without any include.
  cuda,
  /// Device code as HIPRTC takes it.
  hip,
};

/// "double", "float", "bool", or one of the typedefs that `type_definitions` makes: "i8" ... "u64".
std::string_view type_name(DType type);
/// The type of elements in memory: as `type_name`, but "u8" for booleans, whose bytes may hold more than 0 and 1.
std::string_view element_type_name(DType type);
/// Short name of a number type for parts of function names: "f64", "i32".
std::string_view type_suffix(DType type);
/// "typedef __INT8_TYPE__ i8;" and so on: from macros that GCC and Clang define, or types of GPU compilers.
std::string type_definitions(Dialect dialect);

/// The value as a literal of exactly this type and value; integers narrower than 32 bits have type int.
/// Negative numbers start with '-'.
std::string literal(DType type, std::uint64_t bits, Dialect dialect = Dialect::cpp);

/// Operations that every dialect has as functions, each under its own name.
enum class Builtin : std::uint8_t { absolute, square_root, floor, ceil, fused_multiply_add };
/// The function for a floating-point type.
std::string_view builtin_name(Builtin builtin, DType type, Dialect dialect);

/// `text` with every character outside [A-Za-z0-9_] replaced by '_', cut after 64 characters. Cannot end a comment.
std::string plain_name(std::string_view text);

/// Gives out identifiers, each only once.
class NameTable {
 public:
  /// prefix + plain name, with "_2", "_3", ... appended if taken. A prefix such as "f_" keeps users' names away from
  /// keywords, macros and functions.
  std::string add(std::string_view prefix, std::string_view name);

 private:
  std::set<std::string> taken_;
  std::map<std::string, int> next_number_;  // of each base name, so that many equal names cost no search
};

}  // namespace cppstencils::emit
