#pragma once

#include <cstddef>

#include "cppstencils/runtime/arguments.hpp"
#include "runtime/prepared_kernel.hpp"

namespace cppstencils::runtime {

/// Writes the bytes of `value`, as a value of the parameter's type, to `target` (8 bytes).
///
/// Booleans go to booleans only, and only booleans do. Integers go to every integer type that holds them and to floats
/// that hold them exactly. Floats go to floats, rounded to nearest; a finite value stays finite. Throws TypeMismatch
/// (argument-dtype) or ArgumentError (scalar-out-of-range).
void convert_scalar(const PreparedKernel& kernel, const PreparedScalar& parameter, const ScalarValue& value,
                    std::byte* target);

}  // namespace cppstencils::runtime
