#pragma once

#include "cppstencils/ir/variant.hpp"
#include "cppstencils/runtime/arguments.hpp"
#include "runtime/bounds.hpp"
#include "runtime/call_frame.hpp"
#include "runtime/prepared_kernel.hpp"
#include "runtime/store_use.hpp"

namespace cppstencils::runtime {

/// Checks the arguments of a call and writes them to the frame. Every error is thrown from here, before any code of
/// the kernel runs. With an empty box only names, types, ranks, extents and scalars are checked, because nothing will
/// be accessed; pointers and strides of the frame are then null and 0.
Box bind_arguments(const PreparedKernel& kernel, Arguments arguments, const CallFrame& frame);

/// The code for a call on the arrays of a bound frame, which runs on so many threads.
ir::Variant variant_for(const PreparedKernel& kernel, const StoreUse& store_use, const CallFrame& frame,
                        std::int64_t threads);

}  // namespace cppstencils::runtime
