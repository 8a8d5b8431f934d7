#pragma once

#include <nanobind/nanobind.h>

#include <optional>
#include <string_view>

#include "cppstencils/jit/stream.hpp"
#include "cppstencils/runtime/array.hpp"

namespace cppstencils::python {

/// The array of an object with __cuda_array_interface__; empty for an object without it. Which GPU it is on, only the
/// driver knows. Throws TypeMismatch or ArgumentError for an interface that no kernel can use.
std::optional<ArrayRef> cuda_array(std::string_view name, nanobind::handle value);

/// The stream that a caller means: None, the address as a number, or an object of CuPy, PyTorch, Numba or with
/// __cuda_stream__. Throws TypeMismatch (argument-kind).
Stream stream_of(nanobind::handle value);

}  // namespace cppstencils::python
