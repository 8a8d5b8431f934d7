#include "runtime/overlap.hpp"

#include <string>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "runtime/strided_memory.hpp"

namespace cppstencils::runtime {

namespace {

StridedMemory memory_of(const PreparedBuffer& buffer, const ArrayRef& array) {
  return {reinterpret_cast<std::uintptr_t>(array.data), static_cast<std::int64_t>(size_of(buffer.dtype)), buffer.axes,
          array.extents, array.byte_strides};
}

[[noreturn]] void fail_repeated(const PreparedKernel& kernel, const PreparedBuffer& buffer, const ArrayRef& array,
                                Sharing found) {
  std::string message = fmt::format("Array '{}' is written by kernel '{}', but two of its elements share memory.",
                                    buffer.name, kernel.name);
  for (int axis = 0; axis < buffer.axes; ++axis) {
    const auto i = static_cast<std::size_t>(axis);
    if (array.extents[i] > 1 && array.byte_strides[i] == 0) {
      message = fmt::format(
          "Array '{}' is written by kernel '{}', but its stride in dimension {} is 0: its {} elements "
          "there share memory.",
          buffer.name, kernel.name, axis, array.extents[i]);
    }
  }
  if (found == Sharing::unknown) {
    message = fmt::format(
        "Array '{}' is written by kernel '{}', but its strides are too entangled to tell whether two "
        "of its elements share memory.",
        buffer.name, kernel.name);
  }
  throw ArgumentError({.code = ErrorCode::argument_overlap,
                       .message = std::move(message),
                       .hints = {"Pass an array whose elements are distinct."}});
}

// Whether both arguments describe the same elements.
bool same_elements(const PreparedBuffer& one_buffer, const PreparedBuffer& other_buffer, const ArrayRef& one,
                   const ArrayRef& other) {
  if (one.data != other.data || one_buffer.dtype != other_buffer.dtype || one_buffer.axes != other_buffer.axes) {
    return false;
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(one_buffer.axes); ++i) {
    if (one.extents[i] != other.extents[i]) return false;
    if (one.extents[i] > 1 && one.byte_strides[i] != other.byte_strides[i]) return false;
  }
  return true;
}

std::string range_text(const OffsetRange& range) {
  return range.least == range.greatest ? fmt::format("{:+}", range.least)
                                       : fmt::format("{:+} to {:+}", range.least, range.greatest);
}

[[noreturn]] void fail_shared(const PreparedKernel& kernel, const PreparedBuffer& written, const PreparedBuffer& other,
                              const ArrayRef& written_array, const ArrayRef& other_array, Sharing found) {
  ErrorInfo info{.code = ErrorCode::argument_overlap,
                 .message = fmt::format("Arrays '{}' and '{}' share memory, but kernel '{}' writes '{}'.", written.name,
                                        other.name, kernel.name, written.name)};
  if (found == Sharing::unknown) {
    info.message = fmt::format(
        "Arrays '{}' and '{}' lie in the same memory with strides too entangled to tell whether "
        "they share an element, but kernel '{}' writes '{}'.",
        written.name, other.name, kernel.name, written.name);
  }
  const bool same = same_elements(written, other, written_array, other_array);
  if (other.written()) {
    info.message = fmt::format("Arrays '{}' and '{}' share memory, but kernel '{}' writes both.", written.name,
                               other.name, kernel.name);
    info.hints.emplace_back("Pass different arrays to fields that are written.");
  } else if (same) {
    const PreparedBuffer& shifted = other.centered ? written : other;
    for (int axis = 0; axis < kernel.rank; ++axis) {
      const OffsetRange& offsets = shifted.accesses[static_cast<std::size_t>(axis)];
      if (offsets.empty() || (offsets.least == 0 && offsets.greatest == 0)) continue;
      info.notes.push_back(
          fmt::format("One array for both works only if every access is to the updated cell; '{}' is "
                      "accessed at offset {} in dimension {}.",
                      shifted.name, range_text(offsets), axis));
      break;
    }
    info.hints.push_back(fmt::format("Pass a second array as '{}' and swap the two after the call.", written.name));
  } else {
    info.hints.push_back(fmt::format("Pass an array of its own as '{}'.", written.name));
  }
  throw ArgumentError(std::move(info));
}

void check_pair(const PreparedKernel& kernel, std::size_t written, std::size_t other, MatchedArguments& arguments) {
  const PreparedBuffer& written_buffer = kernel.buffers[written];
  const PreparedBuffer& other_buffer = kernel.buffers[other];
  const ArrayRef& written_array = arguments.array(written);
  const ArrayRef& other_array = arguments.array(other);
  if (written_buffer.centered && other_buffer.centered && !other_buffer.written() &&
      same_elements(written_buffer, other_buffer, written_array, other_array)) {
    return;
  }
  const Sharing found = common_bytes(memory_of(written_buffer, written_array), memory_of(other_buffer, other_array));
  if (found != Sharing::none) {
    fail_shared(kernel, written_buffer, other_buffer, written_array, other_array, found);
  }
}

}  // namespace

void check_overlap(const PreparedKernel& kernel, MatchedArguments& arguments, const MemoryRange* ranges) {
  for (std::size_t i = 0; i < kernel.buffers.size(); ++i) {
    if (!kernel.buffers[i].written()) continue;
    const Sharing repeated = repeated_elements(memory_of(kernel.buffers[i], arguments.array(i)));
    if (repeated != Sharing::none) fail_repeated(kernel, kernel.buffers[i], arguments.array(i), repeated);
    for (std::size_t other = 0; other < kernel.buffers.size(); ++other) {
      // A pair of written arrays is looked at once.
      if (other == i || (other < i && kernel.buffers[other].written())) continue;
      if (ranges[i].high <= ranges[other].low || ranges[other].high <= ranges[i].low) continue;
      check_pair(kernel, i, other, arguments);
    }
  }
}

}  // namespace cppstencils::runtime
