#include "device_arrays.hpp"

#include <fmt/format.h>
#include <nanobind/stl/string.h>

#include <bit>
#include <string>

#include "argument_errors.hpp"
#include "cppstencils/support/error.hpp"

namespace nb = nanobind;

namespace cppstencils::python {

namespace {

/// Empty where there is none, or None.
nb::object attribute(nb::handle value, const char* name) {
  PyObject* const found = PyObject_GetAttrString(value.ptr(), name);
  if (found != nullptr) {
    nb::object object = nb::steal(found);
    return object.is_none() ? nb::object() : object;
  }
  if (PyErr_ExceptionMatches(PyExc_AttributeError) == 0) throw nb::python_error();
  PyErr_Clear();
  return {};
}

std::optional<DType> dtype_of_type_string(std::string_view type) {
  if (type == "b1") return DType::boolean;
  if (type == "i1") return DType::int8;
  if (type == "i2") return DType::int16;
  if (type == "i4") return DType::int32;
  if (type == "i8") return DType::int64;
  if (type == "u1") return DType::uint8;
  if (type == "u2") return DType::uint16;
  if (type == "u4") return DType::uint32;
  if (type == "u8") return DType::uint64;
  if (type == "f4") return DType::float32;
  if (type == "f8") return DType::float64;
  return {};
}

ArrayRef read_interface(std::string_view name, const nb::dict& interface) {
  ArrayRef ref;
  ref.memory = MemorySpace::device;
  ref.device = unknown_device;
  const std::string type = nb::cast<std::string>(nb::object(interface["typestr"]));
  const std::optional<DType> dtype = dtype_of_type_string(std::string_view(type).substr(type.empty() ? 0 : 1));
  if (!dtype) fail_dtype(name, fmt::format("the type '{}'", type));
  ref.dtype = *dtype;
  const char foreign = std::endian::native == std::endian::little ? '>' : '<';
  if (type[0] == foreign) ref.byte_order = ByteOrder::swapped;
  const nb::tuple data = nb::cast<nb::tuple>(nb::object(interface["data"]));
  ref.data = reinterpret_cast<void*>(nb::cast<std::uintptr_t>(nb::object(data[0])));
  ref.mutability = nb::cast<bool>(nb::object(data[1])) ? Mutability::read_only : Mutability::writable;
  const nb::tuple shape = nb::cast<nb::tuple>(nb::object(interface["shape"]));
  if (shape.size() > static_cast<std::size_t>(max_array_rank)) fail_rank(name, shape.size());
  ref.rank = static_cast<int>(shape.size());
  nb::object strides = nb::none();
  if (interface.contains("strides")) strides = interface["strides"];
  auto dense = static_cast<std::int64_t>(size_of(*dtype));
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    ref.extents[axis] = nb::cast<std::int64_t>(nb::object(shape[axis]));
    ref.byte_strides[axis] = strides.is_none() ? dense : nb::cast<std::int64_t>(nb::object(strides[axis]));
    dense *= ref.extents[axis];
  }
  return ref;
}

}  // namespace

std::optional<ArrayRef> cuda_array(std::string_view name, nb::handle value) {
  try {
    const nb::object interface = attribute(value, "__cuda_array_interface__");
    if (!interface.is_valid()) return {};
    const nb::dict entries = nb::cast<nb::dict>(interface);
    if (entries.contains("mask") && !nb::object(entries["mask"]).is_none()) {
      fail_kind(name, value, "Masked arrays cannot be passed; pass the plain array.");
    }
    return read_interface(name, entries);
  } catch (nb::python_error& error) {
    if (!error.matches(PyExc_Exception)) throw;
    fail_kind(name, value, fmt::format("Its __cuda_array_interface__ says: {}", text_of(error.value())));
  } catch (const nb::cast_error&) {
    fail_kind(name, value, "Its __cuda_array_interface__ is not one of version 2 or 3.");
  }
}

Stream stream_of(nb::handle value) {
  const auto address = [](nb::handle number) {
    return Stream{reinterpret_cast<void*>(nb::cast<std::uintptr_t>(number))};
  };
  try {
    if (value.is_none()) return {};
    if (PyLong_Check(value.ptr()) && !PyBool_Check(value.ptr())) return address(value);
    if (const nb::object protocol = attribute(value, "__cuda_stream__"); protocol.is_valid()) {
      const nb::object pair = PyCallable_Check(protocol.ptr()) != 0 ? protocol() : protocol;
      return address(nb::object(pair[1]));
    }
    for (const char* const name : {"ptr", "cuda_stream", "handle"}) {  // CuPy, PyTorch, Numba
      nb::object found = attribute(value, name);
      if (!found.is_valid()) continue;
      if (PyLong_Check(found.ptr())) return address(found);
      // A pointer of ctypes; null is None.
      const nb::object number = nb::hasattr(found, "value") ? nb::object(found.attr("value")) : nb::none();
      return number.is_none() ? Stream() : address(number);
    }
  } catch (const nb::cast_error&) {
    // as below
  } catch (nb::python_error& error) {
    if (!error.matches(PyExc_Exception)) throw;
  }
  throw TypeMismatch(
      {.code = ErrorCode::argument_kind,
       .message =
           fmt::format("The stream is an object of type '{}', which is no stream.", Py_TYPE(value.ptr())->tp_name),
       .hints = {"Pass None, the address of a stream as an int, or a stream of CuPy, PyTorch or Numba."}});
}

}  // namespace cppstencils::python
