#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cppstencils/ir/kernel.hpp"
#include "emit/expr_writer.hpp"

/// What texts in C-like languages need to know about a kernel, and how they describe it.
namespace cppstencils::emit {

/// What a kernel's statements refer to.
struct References {
  std::set<std::uint32_t> buffers;
  std::set<std::uint32_t> scalars;
  std::set<std::pair<std::uint32_t, int>> strides;
  std::vector<int> dimensions;  // of the loops, outermost first
  int innermost = -1;
  Negation negation = Negation::plain;
};
References references(const ir::Kernel& kernel);

/// The names of a kernel's parts; those of buffers, scalars and strides depend on its tables and `found` alone.
KernelNames names_in(const ir::Kernel& kernel, const References& found);

/// For comments: "read", "written"; "3D, 19 values per cell".
std::string_view access_text(ir::BufferAccess access);
std::string shape_text(const ir::Buffer& buffer);

}  // namespace cppstencils::emit
