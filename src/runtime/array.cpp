#include "cppstencils/runtime/array.hpp"

#include <string>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "runtime/array_extents.hpp"
#include "runtime/wording.hpp"

namespace cppstencils::detail {

using runtime::plural;
using runtime::tuple_text;

void fail_size(std::span<const std::int64_t> extents) {
  throw ArgumentError(
      {.code = ErrorCode::argument_size,
       .message = fmt::format("An array with the extents {} is larger than the address space.", tuple_text(extents))});
}

void check_extents(std::span<const std::int64_t> extents) {
  if (extents.size() > static_cast<std::size_t>(max_array_rank)) {
    throw ArgumentError({.code = ErrorCode::argument_rank,
                         .message = fmt::format("An array has {} dimensions, but at most {} are possible.",
                                                extents.size(), max_array_rank)});
  }
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    if (extents[axis] < 0) {
      throw ArgumentError(
          {.code = ErrorCode::argument_size,
           .message = fmt::format("An array has the negative extent {} in dimension {}.", extents[axis], axis)});
    }
  }
}

bool has_elements(std::span<const std::int64_t> extents) {
  return std::find(extents.begin(), extents.end(), 0) == extents.end();
}

ArrayRef make_array_ref(void* data, DType dtype, Mutability mutability, std::span<const std::int64_t> extents,
                        std::span<const std::int64_t> element_strides) {
  check_extents(extents);
  if (extents.size() != element_strides.size()) {
    throw ArgumentError({.code = ErrorCode::argument_rank,
                         .message = fmt::format("An array has {} and {}.", plural(extents.size(), "extent"),
                                                plural(element_strides.size(), "stride")),
                         .hints = {"Give one stride per dimension."}});
  }
  if (data == nullptr && has_elements(extents)) {
    throw ArgumentError(
        {.code = ErrorCode::argument_null,
         .message = fmt::format("An array with the extents {} has a null pointer.", tuple_text(extents))});
  }
  ArrayRef ref{.data = data, .dtype = dtype, .mutability = mutability, .rank = static_cast<int>(extents.size())};
  const auto element = static_cast<std::int64_t>(size_of(dtype));
  std::int64_t below = 0;
  std::int64_t above = element;
  std::int64_t count = element;
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    std::int64_t stride = 0;
    std::int64_t reach = 0;
    std::int64_t& side = element_strides[axis] < 0 ? below : above;
    const std::int64_t extent = std::max<std::int64_t>(extents[axis], 1);
    if (__builtin_mul_overflow(element_strides[axis], element, &stride) ||
        __builtin_mul_overflow(extent - 1, stride, &reach) || __builtin_add_overflow(side, reach, &side) ||
        __builtin_mul_overflow(count, extent, &count)) {
      throw ArgumentError({.code = ErrorCode::argument_size,
                           .message = fmt::format("An array with the extents {} and the strides {} is larger than the "
                                                  "address space.",
                                                  tuple_text(extents), tuple_text(element_strides))});
    }
    ref.extents[axis] = extents[axis];
    ref.byte_strides[axis] = stride;
  }
  return ref;
}

std::vector<std::int64_t> dense_strides(std::span<const std::int64_t> extents, std::span<const int> layout) {
  check_extents(extents);
  CPPSTENCILS_CHECK(layout.size() == extents.size(), "A layout orders every dimension of an array.");
  std::vector<std::int64_t> strides(extents.size(), 0);
  std::int64_t stride = 1;
  for (std::size_t i = layout.size(); i-- > 0;) {
    const auto axis = static_cast<std::size_t>(layout[i]);
    strides[axis] = stride;
    if (__builtin_mul_overflow(stride, std::max<std::int64_t>(extents[axis], 1), &stride)) fail_size(extents);
  }
  return strides;
}

void fail_index(std::span<const std::int64_t> index, std::span<const std::int64_t> extents) {
  throw ArgumentError(
      {.code = ErrorCode::out_of_bounds,
       .message = index.size() == extents.size()
                      ? fmt::format("The element {} is outside an array with the extents {}.", tuple_text(index),
                                    tuple_text(extents))
                      : fmt::format("The element {} has {}, but the array has {}.", tuple_text(index),
                                    plural(index.size(), "coordinate"), plural(extents.size(), "dimension"))});
}

}  // namespace cppstencils::detail
