#include "runtime/array_checks.hpp"

#include <bit>
#include <span>
#include <string>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "runtime/wording.hpp"

namespace cppstencils::runtime {

namespace {

// The failures stand apart so that the checks stay short in the code that every call runs.

std::string place_text(MemorySpace memory, int device) {
  switch (memory) {
    case MemorySpace::host:
      return "the memory of the host";
    case MemorySpace::device:
      if (device == unknown_device) return "the memory of a GPU";
      return fmt::format("the memory of GPU {}", device);
    case MemorySpace::managed:
      return "managed memory";
  }
  return {};
}

[[noreturn]] void fail_place(const PreparedKernel& kernel, const std::string& name, const ArrayRef& array) {
  const bool on_host = kernel.memory == MemorySpace::host;
  throw ArgumentError({.code = ErrorCode::argument_device,
                       .message = fmt::format("Array '{}' is in {}, but kernel '{}' runs on {}.", name,
                                              place_text(array.memory, array.device), kernel.name,
                                              on_host ? std::string("the CPU") : fmt::format("GPU {}", kernel.device)),
                       .hints = {on_host ? "Copy the array to the host, or create the kernel with a GPU target."
                                         : "Copy the array to that GPU; arrays are never copied behind your back."}});
}

[[noreturn]] void fail_dtype(const PreparedBuffer& buffer, const ArrayRef& array) {
  throw TypeMismatch({.code = ErrorCode::argument_dtype,
                      .message = fmt::format("Array '{}' has elements of {}, but field '{}' has {}.", buffer.name,
                                             to_string(array.dtype), buffer.name, to_string(buffer.dtype)),
                      .hints = {fmt::format("Pass an array of {}, or declare the field with {}; arrays are never "
                                            "converted.",
                                            to_string(buffer.dtype), to_string(array.dtype))}});
}

[[noreturn]] void fail_byte_order(const PreparedBuffer& buffer) {
  throw ArgumentError(
      {.code = ErrorCode::argument_byte_order,
       .message = fmt::format("The elements of array '{}' do not have the byte order of this machine.", buffer.name),
       .hints = {"Pass a copy in native byte order; arrays are never converted."}});
}

[[noreturn]] void fail_read_only(const PreparedBuffer& buffer, const PreparedKernel& kernel) {
  throw ArgumentError(
      {.code = ErrorCode::argument_read_only,
       .message = fmt::format("Array '{}' is read-only, but kernel '{}' writes it.", buffer.name, kernel.name),
       .hints = {"Pass a writable array."}});
}

[[noreturn]] void fail_rank(const PreparedBuffer& buffer, const ArrayRef& array, int spatial) {
  throw ArgumentError(
      {.code = ErrorCode::argument_rank,
       .message = fmt::format("Array '{}' has {}, but field '{}' needs {}.", buffer.name,
                              plural(array.rank, "dimension"), buffer.name, plural(buffer.axes, "dimension")),
       .notes = {fmt::format("Field '{}' has {} and {}.", buffer.name, plural(spatial, "spatial dimension"),
                             plural(buffer.axes - spatial, "index dimension"))}});
}

[[noreturn]] void fail_negative_extent(const PreparedBuffer& buffer, const ArrayRef& array, int axis) {
  throw ArgumentError({.code = ErrorCode::argument_size,
                       .message = fmt::format("Array '{}' has the negative extent {} in dimension {}.", buffer.name,
                                              array.extents[static_cast<std::size_t>(axis)], axis)});
}

[[noreturn]] void fail_index_extent(const PreparedBuffer& buffer, const ArrayRef& array, int axis, int spatial) {
  const auto position = static_cast<std::size_t>(axis);
  throw ArgumentError(
      {.code = ErrorCode::argument_extent,
       .message = fmt::format("Array '{}' has extent {} in dimension {}, but index dimension {} of the field has "
                              "extent {}.",
                              buffer.name, array.extents[position], axis, axis - spatial,
                              buffer.index_shape[static_cast<std::size_t>(axis - spatial)]),
       .notes = {fmt::format("The array has the extents {}.",
                             tuple_text(std::span(array.extents).first(static_cast<std::size_t>(array.rank))))}});
}

[[noreturn]] void fail_fixed_extent(const PreparedBuffer& buffer, const ArrayRef& array, int axis) {
  const auto position = static_cast<std::size_t>(axis);
  throw ArgumentError(
      {.code = ErrorCode::argument_extent,
       .message = fmt::format("Array '{}' has extent {} in dimension {}, but the field is declared with extent {}.",
                              buffer.name, array.extents[position], axis, (*buffer.shape)[position]),
       .hints = {"Pass an array of that size, or declare the field without fixed extents."}});
}

[[noreturn]] void fail_unequal_extents(const PreparedBuffer& first, const PreparedBuffer& other,
                                       const ArrayRef& first_array, const ArrayRef& other_array, int axis) {
  const auto position = static_cast<std::size_t>(axis);
  throw ArgumentError({.code = ErrorCode::argument_extent,
                       .message = fmt::format("Arrays '{}' and '{}' have the extents {} and {} in dimension {}, but "
                                              "all arrays of a call need the same spatial extents.",
                                              first.name, other.name, first_array.extents[position],
                                              other_array.extents[position], axis)});
}

[[noreturn]] void fail_null(const PreparedBuffer& buffer) {
  throw ArgumentError({.code = ErrorCode::argument_null,
                       .message = fmt::format("Array '{}' has elements, but its pointer is null.", buffer.name)});
}

[[noreturn]] void fail_alignment(const PreparedBuffer& buffer, std::uintptr_t address) {
  const std::size_t size = size_of(buffer.dtype);
  throw ArgumentError({.code = ErrorCode::argument_alignment,
                       .message = fmt::format("Array '{}' of {} begins {} past a multiple of {} bytes.", buffer.name,
                                              to_string(buffer.dtype), plural(address % size, "byte"), size),
                       .hints = {"Pass an array whose elements are aligned, or a copy."}});
}

[[noreturn]] void fail_stride(const PreparedBuffer& buffer, const ArrayRef& array, int axis) {
  throw ArgumentError(
      {.code = ErrorCode::argument_stride,
       .message = fmt::format("Array '{}' has a stride of {} bytes in dimension {}, which is not a multiple of the {} "
                              "bytes of {}.",
                              buffer.name, array.byte_strides[static_cast<std::size_t>(axis)], axis,
                              size_of(buffer.dtype), to_string(buffer.dtype)),
       .hints = {"Pass a copy of the elements; a member of a packed structure cannot be passed."}});
}

[[noreturn]] void fail_size(const PreparedBuffer& buffer, const ArrayRef& array) {
  const auto rank = static_cast<std::size_t>(array.rank);
  throw ArgumentError({.code = ErrorCode::argument_size,
                       .message = fmt::format("Array '{}' is larger than the address space.", buffer.name),
                       .notes = {fmt::format("It has the extents {} and strides of {} bytes.",
                                             tuple_text(std::span(array.extents).first(rank)),
                                             tuple_text(std::span(array.byte_strides).first(rank)))}});
}

void check_description(const PreparedKernel& kernel, const PreparedBuffer& buffer, const ArrayRef& array) {
  if (array.dtype != buffer.dtype) fail_dtype(buffer, array);
  if (array.byte_order != ByteOrder::native && size_of(buffer.dtype) > 1) fail_byte_order(buffer);
  if (array.mutability != Mutability::writable && buffer.written()) fail_read_only(buffer, kernel);
  if (array.rank != buffer.axes || array.rank > max_array_rank) fail_rank(buffer, array, kernel.rank);
  for (int axis = 0; axis < buffer.axes; ++axis) {
    if (array.extents[static_cast<std::size_t>(axis)] < 0) fail_negative_extent(buffer, array, axis);
  }
  for (int axis = kernel.rank; axis < buffer.axes; ++axis) {
    if (array.extents[static_cast<std::size_t>(axis)] !=
        buffer.index_shape[static_cast<std::size_t>(axis - kernel.rank)]) {
      fail_index_extent(buffer, array, axis, kernel.rank);
    }
  }
  if (!buffer.shape) return;
  for (int axis = 0; axis < kernel.rank; ++axis) {
    if (array.extents[static_cast<std::size_t>(axis)] != (*buffer.shape)[static_cast<std::size_t>(axis)]) {
      fail_fixed_extent(buffer, array, axis);
    }
  }
}

}  // namespace

void check_places(const PreparedKernel& kernel, MatchedArguments& arguments) {
  const auto check = [&](const std::string& name, const ArrayRef& array) {
    const bool is_here =
        array.memory == MemorySpace::host || array.device == kernel.device || array.device == unknown_device;
    if (array.memory == kernel.memory && is_here) return;
    if (array.memory != MemorySpace::managed) fail_place(kernel, name, array);
  };
  for (std::size_t i = 0; i < kernel.buffers.size(); ++i) check(kernel.buffers[i].name, arguments.array(i));
  for (std::size_t i = 0; i < kernel.reductions.size(); ++i) {
    check(kernel.reductions[i].name, arguments.reduction(i));
  }
}

void check_descriptions(const PreparedKernel& kernel, MatchedArguments& arguments) {
  for (std::size_t i = 0; i < kernel.buffers.size(); ++i) {
    check_description(kernel, kernel.buffers[i], arguments.array(i));
  }
  const ArrayRef& first = arguments.array(0);
  for (std::size_t i = 1; i < kernel.buffers.size(); ++i) {
    const ArrayRef& other = arguments.array(i);
    for (int axis = 0; axis < kernel.rank; ++axis) {
      if (other.extents[static_cast<std::size_t>(axis)] != first.extents[static_cast<std::size_t>(axis)]) {
        fail_unequal_extents(kernel.buffers[0], kernel.buffers[i], first, other, axis);
      }
    }
  }
}

MemoryRange check_memory(const PreparedKernel& kernel, std::size_t buffer, const ArrayRef& array,
                         const CallFrame& frame) {
  const PreparedBuffer& facts = kernel.buffers[buffer];
  // A power of two: masks and shifts instead of divisions.
  const auto element = static_cast<std::int64_t>(size_of(facts.dtype));
  const std::int64_t within_element = element - 1;
  const int element_bits = std::countr_zero(static_cast<std::uint64_t>(element));
  const auto address = reinterpret_cast<std::uintptr_t>(array.data);
  if (array.data == nullptr) fail_null(facts);
  if ((address & static_cast<std::uintptr_t>(within_element)) != 0) fail_alignment(facts, address);
  frame.data()[buffer] = array.data;
  std::int64_t* const strides = frame.strides() + facts.first_stride;
  std::int64_t below = 0;  // bytes before the base pointer, as a negative number
  std::int64_t above = element;
  std::int64_t count = 1;
  bool fits = true;
  for (int axis = 0; axis < facts.axes; ++axis) {
    const std::int64_t extent = array.extents[static_cast<std::size_t>(axis)];
    const std::int64_t stride = array.byte_strides[static_cast<std::size_t>(axis)];
    if (extent <= 1) {
      // Only coordinate 0 is accessed, so that any stride is right.
      strides[axis] = axis == kernel.innermost ? 1 : 0;
      continue;
    }
    if ((stride & within_element) != 0) fail_stride(facts, array, axis);
    strides[axis] = stride >> element_bits;
    std::int64_t& side = stride < 0 ? below : above;
    std::int64_t reach = 0;
    fits = fits && !__builtin_mul_overflow(extent - 1, stride, &reach) && !__builtin_add_overflow(side, reach, &side) &&
           !__builtin_mul_overflow(count, extent, &count);
  }
  // A negative distance is the same number of bytes as an unsigned one.
  MemoryRange range;
  fits = fits && !__builtin_sub_overflow(address, -static_cast<std::uintptr_t>(below), &range.low) &&
         !__builtin_add_overflow(address, static_cast<std::uintptr_t>(above), &range.high);
  if (!fits) fail_size(facts, array);
  return range;
}

}  // namespace cppstencils::runtime
