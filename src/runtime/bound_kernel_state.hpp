#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cppstencils/runtime/compiled_kernel.hpp"
#include "runtime/bounds.hpp"
#include "runtime/call_frame.hpp"

namespace cppstencils {

struct BoundKernel::State {
  std::string kernel_name;
  /// Keeps the code alive.
  std::shared_ptr<Executable> executable;
  EntryPoint entry_point;
  /// The memory of `frame`.
  std::unique_ptr<std::byte[]> block;
  runtime::CallFrame frame;
  runtime::Box contents;
  /// One per dimension; as in the frame.
  std::vector<CellRange> box;
  std::vector<std::int64_t> steps;
};

}  // namespace cppstencils
