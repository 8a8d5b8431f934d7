#pragma once

#include "cppstencils/ir/variant.hpp"
#include "cppstencils/runtime/arguments.hpp"
#include "runtime/bounds.hpp"
#include "runtime/call_frame.hpp"
#include "runtime/prepared_kernel.hpp"

namespace cppstencils::runtime {

/// Checks the arguments of a call and writes them to the frame. Every error is thrown from here, before any code of
/// the kernel runs. With an empty box only names, types, ranks, extents and scalars are checked, because nothing will
/// be accessed; pointers and strides of the frame are then null and 0.
Box bind_arguments(const PreparedKernel& kernel, Arguments arguments, const CallFrame& frame);

/// The code that the arrays of a bound frame allow.
ir::Variant variant_for(const PreparedKernel& kernel, const CallFrame& frame);

}  // namespace cppstencils::runtime
