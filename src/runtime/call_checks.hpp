#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cppstencils/ir/kernel.hpp"
#include "cppstencils/kernel/create_kernel.hpp"
#include "runtime/call_frame.hpp"
#include "runtime/prepared_kernel.hpp"

namespace cppstencils::runtime {

/// What calls of a kernel check when its code has run, see `Checks`. Knows nothing about where the code comes from.
class CallChecks {
 public:
  CallChecks(const ir::Kernel& kernel, const PreparedKernel& prepared, const Checks& options);

  bool results() const { return options_.results != ResultCheck::none; }
  bool writes() const { return options_.writes != WriteCheck::none; }

  /// Throws LaunchError (not-finite) that names the first cell of the box, in loop order, with a result that is not
  /// allowed, and of this cell the first such result.
  void check_results(const CallFrame& frame, const std::int64_t* begin, const std::int64_t* end) const;

  /// The bytes of all elements, array by array.
  using Elements = std::vector<std::vector<std::byte>>;
  /// Of arrays with these spatial extents.
  Elements elements(const CallFrame& frame, const std::vector<std::int64_t>& extents) const;
  /// Throws LaunchError (stray-write) that names the first element that is not as it was and that no cell of the
  /// frame's box writes.
  void check_writes(const CallFrame& frame, const std::vector<std::int64_t>& extents, const Elements& before) const;

 private:
  /// An element that every cell writes: its coordinates relative to the cell, spatial ones first.
  struct Write {
    std::size_t buffer = 0;
    std::vector<std::int64_t> offsets;
    DType dtype = DType::float64;
  };
  struct Array {
    std::vector<std::int64_t> extents;
    std::vector<std::int64_t> strides;
    std::size_t element = 0;
  };
  Array array(const CallFrame& frame, std::size_t buffer, const std::vector<std::int64_t>& spatial_extents) const;
  bool is_first_name(const CallFrame& frame, std::size_t buffer) const;
  bool writes_element(const CallFrame& frame, std::size_t buffer, const std::vector<std::int64_t>& coordinates) const;
  void check_row(const CallFrame& frame, std::vector<std::int64_t> cell, std::int64_t end) const;
  const std::byte* element(const CallFrame& frame, const Write& write, const std::vector<std::int64_t>& cell) const;

  Checks options_;
  std::string kernel_name_;
  std::vector<PreparedBuffer> buffers_;
  std::vector<std::int64_t> steps_;
  std::vector<int> loop_order_;
  std::vector<Write> writes_;
};

}  // namespace cppstencils::runtime
