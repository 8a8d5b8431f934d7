#pragma once

#include "runtime/array_checks.hpp"

namespace cppstencils::runtime {

/// Checks what the arrays of reductions say about themselves: place, type, byte order, read-only, one element. Throws
/// ArgumentError (argument-device, -byte-order, -read-only, -rank, -extent) or TypeMismatch (argument-dtype).
void check_reductions(const PreparedKernel& kernel, MatchedArguments& arguments);

/// Checks that the element of each reduction has memory of its own, and writes its address to the frame. `ranges` are
/// those of the buffers. Throws ArgumentError (argument-null, -alignment, -overlap).
void check_reduction_memory(const PreparedKernel& kernel, MatchedArguments& arguments, const MemoryRange* ranges,
                            const CallFrame& frame);

}  // namespace cppstencils::runtime
