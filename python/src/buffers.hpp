#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <optional>

#include "cppstencils/runtime/arguments.hpp"

namespace cppstencils::python {

/// The array that an object exports through the buffer protocol.
struct BufferExport {
  ArrayRef array;
  /// Empty where kernels do not know the type; then `format` says which it is.
  std::optional<DType> dtype;
  std::string format;
  /// Holds the export while it lives. Let go of it with the GIL held.
  std::shared_ptr<const Py_buffer> holder;
};

/// Asks for a writable buffer, then for a read-only one. Empty for objects that export none.
std::optional<BufferExport> export_buffer(nanobind::handle value);

}  // namespace cppstencils::python
