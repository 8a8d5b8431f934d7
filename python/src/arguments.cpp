#include "arguments.hpp"

#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#define NPY_TARGET_VERSION NPY_1_23_API_VERSION
#include <fmt/format.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <numpy/arrayobject.h>
#include <numpy/arrayscalars.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include "argument_errors.hpp"
#include "buffers.hpp"
#include "cppstencils/support/error.hpp"
#include "device_arrays.hpp"

namespace nb = nanobind;

namespace cppstencils::python {

namespace {

// The name that stands for a symbol in the kernel is no second name for its argument.
void refuse_made_name(std::string_view name, const RenamedSymbols& renamed) {
  for (const auto& [written, made] : renamed) {
    if (made == name) {
      throw UnknownName({.code = ErrorCode::unknown_argument,
                         .message = fmt::format("The kernel has no parameter '{}'.", name),
                         .hints = {fmt::format("Did you mean '{}'?", written)}});
    }
  }
}

std::optional<DType> dtype_of_numpy(int type) {
  // NumPy has five integer types of each sign; which of them share a size depends on the platform.
  const auto signed_of_size = [](std::size_t size) {
    return size == 1 ? DType::int8 : size == 2 ? DType::int16 : size == 4 ? DType::int32 : DType::int64;
  };
  const auto unsigned_of_size = [](std::size_t size) {
    return size == 1 ? DType::uint8 : size == 2 ? DType::uint16 : size == 4 ? DType::uint32 : DType::uint64;
  };
  switch (type) {
    case NPY_BOOL:
      return DType::boolean;
    case NPY_BYTE:
      return DType::int8;
    case NPY_SHORT:
      return signed_of_size(sizeof(npy_short));
    case NPY_INT:
      return signed_of_size(sizeof(npy_int));
    case NPY_LONG:
      return signed_of_size(sizeof(npy_long));
    case NPY_LONGLONG:
      return signed_of_size(sizeof(npy_longlong));
    case NPY_UBYTE:
      return DType::uint8;
    case NPY_USHORT:
      return unsigned_of_size(sizeof(npy_ushort));
    case NPY_UINT:
      return unsigned_of_size(sizeof(npy_uint));
    case NPY_ULONG:
      return unsigned_of_size(sizeof(npy_ulong));
    case NPY_ULONGLONG:
      return unsigned_of_size(sizeof(npy_ulonglong));
    case NPY_FLOAT:
      return DType::float32;
    case NPY_DOUBLE:
      return DType::float64;
    default:  // half, long double, complex, dates, text, records, types of other packages
      return {};
  }
}

ArrayRef ref_of_numpy(std::string_view name, PyArrayObject* array) {
  PyArray_Descr* const description = PyArray_DESCR(array);
  const std::optional<DType> dtype = dtype_of_numpy(description->type_num);
  if (!dtype) fail_dtype(name, text_of(nb::handle(reinterpret_cast<PyObject*>(description))));
  const int rank = PyArray_NDIM(array);
  if (rank > max_array_rank) fail_rank(name, static_cast<std::size_t>(rank));
  ArrayRef ref;
  ref.data = PyArray_DATA(array);
  ref.dtype = *dtype;
  ref.mutability = PyArray_ISWRITEABLE(array) ? Mutability::writable : Mutability::read_only;
  ref.byte_order = PyArray_ISNBO(description->byteorder) ? ByteOrder::native : ByteOrder::swapped;
  ref.rank = rank;
  const npy_intp* const extents = PyArray_DIMS(array);
  const npy_intp* const strides = PyArray_STRIDES(array);
  for (int axis = 0; axis < rank; ++axis) {
    ref.extents[static_cast<std::size_t>(axis)] = extents[axis];
    ref.byte_strides[static_cast<std::size_t>(axis)] = strides[axis];
  }
  return ref;
}

// A subclass may give the elements another meaning (a mask, a unit); only those that do not are taken as arrays.
bool is_plain_numpy_array(nb::handle value) {
  if (PyArray_CheckExact(value.ptr())) return true;
  if (!PyArray_Check(value.ptr())) return false;
  static const PyObject* const memory_map = nb::object(nb::module_::import_("numpy").attr("memmap")).release().ptr();
  return reinterpret_cast<PyObject*>(Py_TYPE(value.ptr())) == memory_map;
}

std::optional<DType> dtype_of_dlpack(nb::dlpack::dtype type) {
  if (type.lanes != 1) return {};
  const auto has_bits = [&](int bits) { return type.bits == bits; };
  switch (static_cast<nb::dlpack::dtype_code>(type.code)) {
    case nb::dlpack::dtype_code::Bool:
      if (has_bits(8)) return DType::boolean;
      return {};
    case nb::dlpack::dtype_code::Int:
      if (has_bits(8)) return DType::int8;
      if (has_bits(16)) return DType::int16;
      if (has_bits(32)) return DType::int32;
      if (has_bits(64)) return DType::int64;
      return {};
    case nb::dlpack::dtype_code::UInt:
      if (has_bits(8)) return DType::uint8;
      if (has_bits(16)) return DType::uint16;
      if (has_bits(32)) return DType::uint32;
      if (has_bits(64)) return DType::uint64;
      return {};
    case nb::dlpack::dtype_code::Float:
      if (has_bits(32)) return DType::float32;
      if (has_bits(64)) return DType::float64;
      return {};
    default:  // complex and the small float types
      return {};
  }
}

// Devices as DLPack numbers them.
enum DlpackDevice : int { dlpack_cpu = 1, dlpack_cuda = 2, dlpack_cuda_host = 3, dlpack_cuda_managed = 13 };

MemorySpace memory_of(std::string_view name, nb::handle value, int device_type) {
  switch (device_type) {
    case dlpack_cpu:
    case dlpack_cuda_host:
      return MemorySpace::host;
    case dlpack_cuda:
      return MemorySpace::device;
    case dlpack_cuda_managed:
      return MemorySpace::managed;
    default:
      fail_kind(name, value, "The array lives on another kind of device; copy it to the memory of this process.");
  }
}

template <class NdArray>
ArrayRef ref_of_export(std::string_view name, nb::handle value, const NdArray& array, Mutability mutability) {
  const std::optional<DType> dtype = dtype_of_dlpack(array.dtype());
  if (!dtype) fail_dtype(name, nb::hasattr(value, "dtype") ? text_of(value.attr("dtype")) : "an unknown type");
  if (array.ndim() > static_cast<std::size_t>(max_array_rank)) fail_rank(name, array.ndim());
  ArrayRef ref;
  ref.data = const_cast<void*>(static_cast<const void*>(array.data()));
  ref.dtype = *dtype;
  ref.mutability = mutability;
  ref.memory = memory_of(name, value, array.device_type());
  ref.device = array.device_id();
  ref.rank = static_cast<int>(array.ndim());
  for (std::size_t axis = 0; axis < array.ndim(); ++axis) {
    ref.extents[axis] = array.shape(axis);
    ref.byte_strides[axis] = array.stride(axis) * static_cast<std::int64_t>(size_of(*dtype));
  }
  return ref;
}

// A DLPack export of an old version cannot say that its memory must not be written, as that of JAX, whose arrays never
// change; the buffer protocol can.
bool is_read_only_buffer(nb::handle value) {
  if (PyObject_CheckBuffer(value.ptr()) == 0) return false;
  const auto exports = [&](int flags) {
    Py_buffer view = {};
    if (PyObject_GetBuffer(value.ptr(), &view, flags) != 0) {
      PyErr_Clear();
      return false;
    }
    PyBuffer_Release(&view);
    return true;
  };
  return !exports(PyBUF_RECORDS) && exports(PyBUF_RECORDS_RO);
}

// Asks the object itself, so that what it refuses stays refused: PyTorch does not export tensors that record gradients.
nb::object dlpack_capsule(std::string_view name, nb::handle value) {
  try {
    const nb::object device = value.attr("__dlpack_device__")();
    const MemorySpace memory = memory_of(name, value, nb::cast<int>(nb::object(device[0])));
    const nb::object dlpack = value.attr("__dlpack__");
    // Nothing may wait: a call is in the order of the stream that it is given.
    if (memory != MemorySpace::host) return dlpack(nb::arg("stream") = -1);
    try {
      return dlpack(nb::arg("max_version") = nb::make_tuple(1, 1));
    } catch (nb::python_error& error) {  // exporters from before versions know no keyword
      if (!error.matches(PyExc_TypeError)) throw;
    }
    return dlpack();
  } catch (nb::python_error& error) {
    if (!error.matches(PyExc_Exception)) throw;
    fail_kind(name, value, fmt::format("Its __dlpack__ says: {}", text_of(error.value())));
  } catch (const nb::cast_error&) {
    fail_kind(name, value, "Its __dlpack_device__ must be a pair of numbers.");
  }
}

std::optional<ScalarValue> number_of(std::string_view name, nb::handle value) {
  PyObject* const object = value.ptr();
  if (PyBool_Check(object)) return object == Py_True;
  if (PyFloat_Check(object)) return PyFloat_AS_DOUBLE(object);  // numpy.float64, too
  if (PyLong_Check(object)) {
    int overflow = 0;
    const long long number = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (overflow == 0) return static_cast<std::int64_t>(number);
    const unsigned long long large = overflow > 0 ? PyLong_AsUnsignedLongLong(object) : 0;
    if (overflow < 0 || PyErr_Occurred() != nullptr) {
      PyErr_Clear();
      // Python refuses to print very long numbers.
      throw ArgumentError(
          {.code = ErrorCode::scalar_out_of_range,
           .message = fmt::format("Argument '{}' is an integer of {} bits, and at most 64 are possible.", name,
                                  text_of(value.attr("bit_length")())),
           .hints = {"Pass a float if an approximation is meant."}});
    }
    return static_cast<std::uint64_t>(large);
  }
  // To NumPy a span of time is an integer, too. Its longdouble has no equal here.
  const bool is_integer = PyArray_IsScalar(object, Integer) && !PyArray_IsScalar(object, Timedelta);
  if (is_integer || PyArray_IsScalar(object, Bool) || PyArray_IsScalar(object, Half) ||
      PyArray_IsScalar(object, Float)) {
    return number_of(name, value.attr("item")());
  }
  return {};
}

/// Up to three whole numbers; those that are left out are 1.
std::array<std::int64_t, 3> sizes_of(std::string_view keyword, nb::handle value) {
  std::array<std::int64_t, 3> sizes{1, 1, 1};
  bool fits = PyTuple_Check(value.ptr()) || PyList_Check(value.ptr());
  const std::size_t count = fits ? nb::len(value) : 0;
  fits = count >= 1 && count <= sizes.size();
  for (std::size_t i = 0; fits && i < count; ++i) {
    const nb::object entry = value[i];
    fits = (PyLong_Check(entry.ptr()) && !PyBool_Check(entry.ptr())) || PyArray_IsScalar(entry.ptr(), Integer);
    fits = fits && nb::try_cast<std::int64_t>(nb::object(nb::int_(entry)), sizes[i]);
  }
  if (fits) return sizes;
  throw TypeMismatch({.code = ErrorCode::argument_kind,
                      .message = fmt::format("Argument '{}' is {}, but one to three whole numbers are expected.",
                                             keyword, text_of(nb::repr(value))),
                      .hints = {"Write (64, 4, 1), along x, y and z."}});
}

bool has_parameter(const KernelFunction& kernel, std::string_view name) {
  return std::ranges::any_of(kernel.parameters(), [&](const Parameter& one) { return one.name == name; });
}

}  // namespace

KeywordArguments::KeywordArguments(nb::handle keywords, const RenamedSymbols& renamed, const KernelFunction& kernel) {
  if (!keywords.is_valid()) return;
  arguments_.reserve(static_cast<std::size_t>(PyDict_GET_SIZE(keywords.ptr())));
  PyObject* key = nullptr;
  PyObject* value = nullptr;
  Py_ssize_t position = 0;
  while (PyDict_Next(keywords.ptr(), &position, &key, &value) != 0) {
    Py_ssize_t size = 0;
    const char* const text = PyUnicode_AsUTF8AndSize(key, &size);
    if (text == nullptr) throw nb::python_error();
    const std::string_view written(text, static_cast<std::size_t>(size));
    std::string_view name = written;
    if (take_launch_keyword(written, kernel, value)) continue;
    if (!renamed.empty()) {
      if (const auto found = renamed.find(written); found != renamed.end()) {
        name = found->second;
      } else {
        refuse_made_name(name, renamed);
      }
    }
    add(name, written, value);
  }
}

bool KeywordArguments::take_launch_keyword(std::string_view keyword, const KernelFunction& kernel, nb::handle value) {
  const bool is_stream = keyword == "stream";
  const bool is_grid = keyword == "launch_grid";
  if (!is_stream && !is_grid && keyword != "block_size") return false;
  if (has_parameter(kernel, keyword)) return false;
  if (is_stream) {
    stream_ = stream_of(value);
  } else if (!value.is_none() && is_grid) {
    choice_.grid = sizes_of(keyword, value);
  } else if (!value.is_none()) {
    const std::array<std::int64_t, 3> sizes = sizes_of(keyword, value);
    constexpr std::int64_t most = std::numeric_limits<int>::max();
    choice_.block.emplace();
    for (std::size_t i = 0; i < 3; ++i) {
      (*choice_.block)[i] = static_cast<int>(std::clamp<std::int64_t>(sizes[i], -1, most));
    }
  }
  return true;
}

void KeywordArguments::add(std::string_view name, std::string_view written, nb::handle value) {
  if (is_plain_numpy_array(value)) {
    arguments_.emplace_back(name, ref_of_numpy(written, reinterpret_cast<PyArrayObject*>(value.ptr())));
    return;
  }
  if (const std::optional<ScalarValue> number = number_of(written, value)) {
    std::visit([&](auto plain) { arguments_.emplace_back(name, plain); }, *number);
    return;
  }
  if (PyArray_Check(value.ptr())) {
    fail_kind(written, value,
              "Subclasses of numpy.ndarray may give the elements another meaning, such as a mask or a unit; pass the "
              "plain array, for example with numpy.asarray.");
  }
  if (PyArray_IsScalar(value.ptr(), Generic)) fail_kind(written, value, "Pass a bool, an int or a float.");
  if (const std::optional<ArrayRef> array = cuda_array(written, value)) {
    arguments_.emplace_back(name, *array);
    return;
  }
  if (!nb::hasattr(value, "__dlpack__")) {
    const std::optional<BufferExport> buffer = export_buffer(value);
    if (!buffer) {
      fail_kind(written, value,
                "Arrays are NumPy arrays and objects with __dlpack__ or the buffer protocol, numbers are bool, int "
                "and float.");
    }
    if (!buffer->dtype) fail_dtype(written, fmt::format("the format '{}'", buffer->format));
    if (buffer->array.rank > max_array_rank) fail_rank(written, static_cast<std::size_t>(buffer->array.rank));
    arguments_.emplace_back(name, buffer->array);
    exports_.push_back(buffer->holder);
    return;
  }
  const nb::object capsule = dlpack_capsule(written, value);
  nb::ndarray<> writable;
  if (nb::try_cast(capsule, writable, false)) {
    const Mutability mutability = is_read_only_buffer(value) ? Mutability::read_only : Mutability::writable;
    arguments_.emplace_back(name, ref_of_export(written, value, writable, mutability));
    exports_.push_back(std::make_shared<nb::ndarray<>>(std::move(writable)));
    return;
  }
  nb::ndarray<nb::ro> read_only;
  if (nb::try_cast(capsule, read_only, false)) {
    arguments_.emplace_back(name, ref_of_export(written, value, read_only, Mutability::read_only));
    exports_.push_back(std::make_shared<nb::ndarray<nb::ro>>(std::move(read_only)));
    return;
  }
  fail_kind(written, value, "It has __dlpack__, but that gives no array in the memory of this process.");
}

void import_numpy() {
  if (_import_array() < 0) throw nb::python_error();
}

}  // namespace cppstencils::python
