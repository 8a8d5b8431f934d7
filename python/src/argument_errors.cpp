#include "argument_errors.hpp"

#include <fmt/format.h>
#include <nanobind/stl/string.h>

#include "cppstencils/runtime/array.hpp"
#include "cppstencils/support/error.hpp"

namespace nb = nanobind;

namespace cppstencils::python {

namespace {

std::string class_name_of(nb::handle value) { return Py_TYPE(value.ptr())->tp_name; }

}  // namespace

std::string text_of(nb::handle value) { return nb::cast<std::string>(nb::str(value)); }

void fail_kind(std::string_view name, nb::handle value, std::string hint) {
  throw TypeMismatch(
      {.code = ErrorCode::argument_kind,
       .message = fmt::format("Argument '{}' is an object of type '{}', which is neither a number nor an array.", name,
                              class_name_of(value)),
       .hints = {std::move(hint)}});
}

void fail_dtype(std::string_view name, std::string_view dtype) {
  throw TypeMismatch({.code = ErrorCode::argument_dtype,
                      .message = fmt::format("Array '{}' has elements of {}, which kernels do not know.", name, dtype),
                      .hints = {"Pass an array of bool, int8 to int64, uint8 to uint64, float32 or float64; arrays are "
                                "never converted."}});
}

void fail_rank(std::string_view name, std::size_t rank) {
  throw ArgumentError(
      {.code = ErrorCode::argument_rank,
       .message = fmt::format("Array '{}' has {} dimensions, and at most {} are possible.", name, rank, max_array_rank),
       .hints = {"Drop or merge dimensions, for example with numpy.reshape."}});
}

}  // namespace cppstencils::python
