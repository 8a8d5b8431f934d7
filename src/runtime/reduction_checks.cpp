#include "runtime/reduction_checks.hpp"

#include <span>
#include <string>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "runtime/wording.hpp"

namespace cppstencils::runtime {

namespace {

[[noreturn]] void fail(ErrorCode code, std::string message, std::string hint) {
  throw ArgumentError({.code = code, .message = std::move(message), .hints = {std::move(hint)}});
}

bool has_one_element(const ArrayRef& array) {
  for (int axis = 0; axis < array.rank; ++axis) {
    if (array.extents[static_cast<std::size_t>(axis)] != 1) return false;
  }
  return true;
}

void check_reduction(const PreparedKernel& kernel, const PreparedReduction& reduction, const ArrayRef& array) {
  const std::string& name = reduction.name;
  if (array.dtype != reduction.dtype) {
    throw TypeMismatch({.code = ErrorCode::argument_dtype,
                        .message = fmt::format("Array '{}' has elements of {}, but reduction '{}' has {}.", name,
                                               to_string(array.dtype), name, to_string(reduction.dtype)),
                        .hints = {fmt::format("Pass an array of {}, or declare the symbol with {}.",
                                              to_string(reduction.dtype), to_string(array.dtype))}});
  }
  if (array.byte_order != ByteOrder::native && size_of(reduction.dtype) > 1) {
    fail(ErrorCode::argument_byte_order,
         fmt::format("The elements of array '{}' do not have the byte order of this machine.", name),
         "Pass a copy in native byte order; arrays are never converted.");
  }
  if (array.mutability != Mutability::writable) {
    fail(ErrorCode::argument_read_only,
         fmt::format("Array '{}' is read-only, but kernel '{}' writes it.", name, kernel.name),
         "Pass a writable array.");
  }
  if (array.rank > max_array_rank) {
    fail(ErrorCode::argument_rank, fmt::format("Array '{}' has {}.", name, plural(array.rank, "dimension")),
         "Pass an array with one element.");
  }
  if (!has_one_element(array)) {
    fail(ErrorCode::argument_extent,
         fmt::format("Array '{}' has the extents {}, but reduction '{}' is one number.", name,
                     tuple_text(std::span(array.extents).first(static_cast<std::size_t>(array.rank))), name),
         "Pass an array with one element.");
  }
}

[[noreturn]] void fail_overlap(const PreparedKernel& kernel, const std::string& name, const std::string& other) {
  fail(ErrorCode::argument_overlap,
       fmt::format("Arrays '{}' and '{}' share memory, but kernel '{}' writes '{}'.", name, other, kernel.name, name),
       fmt::format("Pass an array of its own as '{}'.", name));
}

}  // namespace

void check_reductions(const PreparedKernel& kernel, MatchedArguments& arguments) {
  for (std::size_t i = 0; i < kernel.reductions.size(); ++i) {
    check_reduction(kernel, kernel.reductions[i], arguments.reduction(i));
  }
}

void check_reduction_memory(const PreparedKernel& kernel, MatchedArguments& arguments, const MemoryRange* ranges,
                            const CallFrame& frame) {
  for (std::size_t i = 0; i < kernel.reductions.size(); ++i) {
    const std::string& name = kernel.reductions[i].name;
    const std::size_t size = size_of(kernel.reductions[i].dtype);
    void* const data = arguments.reduction(i).data;
    const auto address = reinterpret_cast<std::uintptr_t>(data);
    if (data == nullptr) {
      fail(ErrorCode::argument_null, fmt::format("Array '{}' has elements, but its pointer is null.", name),
           "Pass an array with one element.");
    }
    if (address % size != 0) {
      fail(ErrorCode::argument_alignment,
           fmt::format("Array '{}' of {} begins {} past a multiple of {} bytes.", name,
                       to_string(kernel.reductions[i].dtype), plural(address % size, "byte"), size),
           "Pass an array whose elements are aligned, or a copy.");
    }
    // All bytes between the elements of a field count: nobody keeps a number there.
    for (std::size_t buffer = 0; buffer < kernel.buffers.size(); ++buffer) {
      if (address < ranges[buffer].high && ranges[buffer].low < address + size) {
        fail_overlap(kernel, name, kernel.buffers[buffer].name);
      }
    }
    for (std::size_t other = 0; other < i; ++other) {
      const auto place = reinterpret_cast<std::uintptr_t>(arguments.reduction(other).data);
      if (address < place + size_of(kernel.reductions[other].dtype) && place < address + size) {
        fail_overlap(kernel, name, kernel.reductions[other].name);
      }
    }
    frame.data()[kernel.buffers.size() + i] = data;
  }
}

}  // namespace cppstencils::runtime
