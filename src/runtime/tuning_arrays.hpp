#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "cppstencils/runtime/array.hpp"
#include "runtime/call_frame.hpp"
#include "runtime/prepared_kernel.hpp"

namespace cppstencils::runtime {

/// Stands in for the arrays and numbers that a call writes, so that it can be measured without a trace. What is only
/// read is used where it is. Arrays under two names have one stand-in, and every stand-in lies as far from the border
/// of a page as what it stands for, so that code for aligned arrays may run on it.
class TuningArrays {
 public:
  /// For calls on the frame's box, which has cells.
  TuningArrays(const PreparedKernel& kernel, const CallFrame& frame);

  /// Makes the call of this frame, which is for the same arrays, use them.
  void put_into(const CallFrame& frame);
  /// Gives what calls read and write the values of the real arrays again. A kernel that runs on its own results over
  /// and over again could end in numbers that the processor is slow with.
  void restore() const;

 private:
  /// An array of the call.
  struct Memory {
    const std::byte* original = nullptr;
    std::size_t element = 0;
    /// Per axis: distances, and the coordinates that cells access.
    std::vector<std::int64_t> byte_strides = {};
    std::vector<OffsetRange> accesses = {};
    bool is_read = false;
    bool is_written = false;
    std::optional<Array<std::int64_t>> words = {};
    /// Stands in for the element with all coordinates zero; null where the array is used itself.
    std::byte* data = nullptr;
  };
  void add(const PreparedBuffer& buffer, const void* data, const std::int64_t* strides, const PreparedKernel& kernel,
           const CallFrame& frame);
  static void allocate(Memory& memory);

  std::vector<Memory> memories_;
  /// Per buffer.
  std::vector<std::size_t> memory_of_;
  /// Per reduction: of its type.
  std::vector<std::uint64_t> numbers_;
};

}  // namespace cppstencils::runtime
