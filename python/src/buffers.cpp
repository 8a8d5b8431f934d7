#include "buffers.hpp"

#include <algorithm>
#include <bit>
#include <string_view>

namespace cppstencils::python {

namespace {

std::optional<DType> sized(Py_ssize_t size, DType one, DType two, DType four, DType eight) {
  switch (size) {
    case 1:
      return one;
    case 2:
      return two;
    case 4:
      return four;
    case 8:
      return eight;
    default:
      return {};
  }
}

// The letters are those of Python's module struct. How many bytes an integer letter means depends on the prefix and on
// the platform, so that the size of the elements decides.
std::optional<DType> dtype_of(char letter, Py_ssize_t size) {
  constexpr std::string_view signed_letters = "bhilqn";
  constexpr std::string_view unsigned_letters = "BHILQN";
  if (letter == '?' && size == 1) return DType::boolean;
  if (letter == 'f' && size == 4) return DType::float32;
  if (letter == 'd' && size == 8) return DType::float64;
  if (signed_letters.find(letter) != std::string_view::npos) {
    return sized(size, DType::int8, DType::int16, DType::int32, DType::int64);
  }
  if (unsigned_letters.find(letter) != std::string_view::npos) {
    return sized(size, DType::uint8, DType::uint16, DType::uint32, DType::uint64);
  }
  return {};
}

ByteOrder byte_order_of(char prefix) {
  static_assert(std::endian::native == std::endian::little || std::endian::native == std::endian::big);
  const bool little = std::endian::native == std::endian::little;
  const bool swapped = little ? prefix == '>' || prefix == '!' : prefix == '<';
  return swapped ? ByteOrder::swapped : ByteOrder::native;
}

// Strides that an exporter leaves away, as ctypes does, are those of an array without gaps.
void set_shape(const Py_buffer& view, ArrayRef& array) {
  array.rank = view.ndim;
  if (array.rank > max_array_rank) return;
  std::int64_t contiguous = view.itemsize;
  for (int axis = array.rank - 1; axis >= 0; --axis) {
    const auto i = static_cast<std::size_t>(axis);
    array.extents[i] = view.shape[axis];
    array.byte_strides[i] = view.strides != nullptr ? view.strides[axis] : contiguous;
    contiguous *= std::max<std::int64_t>(1, array.extents[i]);
  }
}

}  // namespace

std::optional<BufferExport> export_buffer(nanobind::handle value) {
  if (PyObject_CheckBuffer(value.ptr()) == 0) return {};
  Py_buffer view = {};
  if (PyObject_GetBuffer(value.ptr(), &view, PyBUF_RECORDS) != 0) {
    PyErr_Clear();
    if (PyObject_GetBuffer(value.ptr(), &view, PyBUF_RECORDS_RO) != 0) {
      PyErr_Clear();
      return {};
    }
  }
  BufferExport result;
  result.holder = std::shared_ptr<const Py_buffer>(new Py_buffer(view), [](const Py_buffer* held) {
    Py_buffer released = *held;
    PyBuffer_Release(&released);
    delete held;
  });
  result.format = view.format == nullptr ? "B" : view.format;
  std::string_view letters = result.format;
  char prefix = '@';
  if (!letters.empty() && std::string_view("@=<>!").find(letters.front()) != std::string_view::npos) {
    prefix = letters.front();
    letters.remove_prefix(1);
  }
  if (letters.size() == 1) result.dtype = dtype_of(letters.front(), view.itemsize);
  // Only a number by itself may come without a shape.
  if (view.ndim > 0 && view.shape == nullptr) return {};
  if (!result.dtype) return result;
  result.array.data = view.buf;
  result.array.dtype = *result.dtype;
  result.array.mutability = view.readonly != 0 ? Mutability::read_only : Mutability::writable;
  result.array.byte_order = byte_order_of(prefix);
  set_shape(view, result.array);
  return result;
}

}  // namespace cppstencils::python
