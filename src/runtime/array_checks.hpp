#pragma once

#include <cstdint>

#include "runtime/argument_matching.hpp"
#include "runtime/call_frame.hpp"
#include "runtime/prepared_kernel.hpp"

namespace cppstencils::runtime {

/// Checks that all arrays are where the code runs. Throws ArgumentError (argument-device).
void check_places(const PreparedKernel& kernel, MatchedArguments& arguments);

/// Checks what an array says about itself against the field: type, byte order, read-only, number of dimensions, index
/// extents, fixed extents, and that all arrays have the same spatial extents. Throws TypeMismatch (argument-dtype) or
/// ArgumentError (argument-byte-order, -read-only, -rank, -size, -extent).
void check_descriptions(const PreparedKernel& kernel, MatchedArguments& arguments);

/// The bytes [low, high) that the elements of an array lie in.
struct MemoryRange {
  std::uintptr_t low = 0;
  std::uintptr_t high = 0;
};

/// Checks that an array with elements has memory that the code can address: a pointer that is not null and aligned to
/// the elements, strides of whole elements, no sum that overflows. Writes the base pointer and the strides in elements
/// to the frame; the stride of an axis with one element, which does not matter, is 1 there for the innermost loop and
/// 0 else. Throws ArgumentError (argument-null,
/// -alignment, -stride, -size).
MemoryRange check_memory(const PreparedKernel& kernel, std::size_t buffer, const ArrayRef& array,
                         const CallFrame& frame);

}  // namespace cppstencils::runtime
