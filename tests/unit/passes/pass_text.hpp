#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "cppstencils/ir/kernel.hpp"
#include "ir/verify.hpp"

namespace cppstencils::testing {

/// A one-dimensional kernel around these statements. It has the float64 arrays u and v to read, the arrays a and b to
/// write and one array to_<dtype> per dtype; the scalars x, y, z (float64), s, t (float32), i, j (int32),
/// m, n (uint8), p, q (bool).
inline ir::Kernel kernel_around(std::string_view statements, std::string_view mode = "strict") {
  std::string text = fmt::format("kernel test(rank 1, {}, independent) {{\n", mode);
  for (const char* name : {"u", "v"}) text += fmt::format("  buffer {}: float64, rank 1, read\n", name);
  for (const char* name : {"a", "b"}) text += fmt::format("  buffer {}: float64, rank 1, write\n", name);
  for (const char* type : {"float64", "float32", "int32", "uint8", "bool"}) {
    text += fmt::format("  buffer to_{0}: {0}, rank 1, write\n", type);
  }
  for (const char* name : {"x", "y", "z"}) text += fmt::format("  scalar {}: float64\n", name);
  for (const char* name : {"s", "t"}) text += fmt::format("  scalar {}: float32\n", name);
  for (const char* name : {"i", "j"}) text += fmt::format("  scalar {}: int32\n", name);
  for (const char* name : {"m", "n"}) text += fmt::format("  scalar {}: uint8\n", name);
  for (const char* name : {"p", "q"}) text += fmt::format("  scalar {}: bool\n", name);
  ir::Kernel kernel = ir::parse_kernel(fmt::format("{}  loop i0 step 1 {{\n{}\n  }}\n}}\n", text, statements));
  ir::verify(kernel, "test");
  return kernel;
}

/// The statements and loops of a kernel, one line each, without the indentation of their text.
inline std::string statements_of(const ir::Kernel& kernel) {
  const std::string text = to_string(kernel);
  std::string lines;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = text.find('\n', start);
    const std::size_t first = text.find_first_not_of(' ', start);
    const std::string line = text.substr(first, end - first);
    for (const std::string_view word : {"let ", "store ", "loop "}) {
      if (line.starts_with(word)) lines += line + '\n';
    }
    start = end + 1;
  }
  return lines;
}

/// What a pass makes of an expression of the type.
template <class Pass>
std::string expression_after(const Pass& pass, std::string_view expression, std::string_view type = "float64",
                             std::string_view mode = "strict") {
  const std::string target = fmt::format("store to_{}[0] = ", type);
  const ir::Kernel after = pass(kernel_around(target + std::string(expression), mode));
  ir::verify(after, "pass");
  const std::string text = statements_of(after);
  const std::size_t start = text.find(target) + target.size();
  return text.substr(start, text.find('\n', start) - start);
}

}  // namespace cppstencils::testing
