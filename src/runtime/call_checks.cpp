#include "runtime/call_checks.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "runtime/wording.hpp"

namespace cppstencils::runtime {

namespace {

using Coordinates = std::vector<std::int64_t>;

/// Calls `visit` for all coordinates inside of the extents, the last one the fastest, until it returns false.
template <class Visit>
void for_each_element(const Coordinates& extents, Visit&& visit) {
  if (std::ranges::find(extents, 0) != extents.end()) return;
  Coordinates at(extents.size(), 0);
  for (;;) {
    if (!visit(std::as_const(at))) return;
    std::size_t axis = extents.size();
    while (axis > 0 && ++at[axis - 1] == extents[axis - 1]) at[--axis] = 0;
    if (axis == 0) return;
  }
}

std::ptrdiff_t distance(const Coordinates& strides, const Coordinates& coordinates) {
  std::int64_t elements = 0;
  for (std::size_t axis = 0; axis < strides.size(); ++axis) elements += strides[axis] * coordinates[axis];
  return elements;
}

template <class T>
bool is_allowed(T value, ResultCheck check) {
  return check == ResultCheck::finite ? std::isfinite(value) : !std::isnan(value);
}

/// The number of the first value that is not allowed, or `count`.
template <class T>
std::int64_t first_refused(const std::byte* first, std::int64_t stride, std::int64_t count, ResultCheck check) {
  const T* const values = reinterpret_cast<const T*>(first);
  for (std::int64_t i = 0; i < count; ++i) {
    if (!is_allowed(values[i * stride], check)) return i;
  }
  return count;
}

std::string_view kind_of(double value) { return std::isnan(value) ? "NaN" : value > 0 ? "infinity" : "-infinity"; }

}  // namespace

CallChecks::CallChecks(const ir::Kernel& kernel, const PreparedKernel& prepared, const Checks& options)
    : options_(options), kernel_name_(prepared.name), loop_order_(prepared.loop_order) {
  if (!results() && !writes()) return;
  buffers_ = prepared.buffers;
  for (const IterationRange& range : prepared.ranges) steps_.push_back(range.step);
  for (const ir::AccessPattern& pattern : ir::access_patterns(kernel)) {
    if (pattern.access == ir::BufferAccess::read) continue;
    Write write{pattern.buffer.value, pattern.offsets, kernel.buffer(pattern.buffer).dtype};
    write.offsets.insert(write.offsets.end(), pattern.index.begin(), pattern.index.end());
    writes_.push_back(std::move(write));
  }
}

const std::byte* CallChecks::element(const CallFrame& frame, const Write& write, const Coordinates& cell) const {
  const std::int64_t* const strides = frame.strides() + buffers_[write.buffer].first_stride;
  std::int64_t elements = 0;
  for (std::size_t axis = 0; axis < write.offsets.size(); ++axis) {
    elements += strides[axis] * (write.offsets[axis] + (axis < cell.size() ? cell[axis] : 0));
  }
  return static_cast<const std::byte*>(frame.data()[write.buffer]) +
         elements * static_cast<std::int64_t>(size_of(write.dtype));
}

void CallChecks::check_row(const CallFrame& frame, Coordinates cell, std::int64_t end) const {
  const auto innermost = static_cast<std::size_t>(loop_order_.back());
  const std::int64_t step = steps_[innermost];
  std::int64_t first = (end - cell[innermost] - 1) / step + 1;
  const Write* found = nullptr;
  for (const Write& write : writes_) {
    if (!is_float(write.dtype)) continue;
    const std::byte* const row = element(frame, write, cell);
    const std::int64_t stride = step * frame.strides()[buffers_[write.buffer].first_stride + innermost];
    const std::int64_t refused = write.dtype == DType::float32
                                     ? first_refused<float>(row, stride, first, options_.results)
                                     : first_refused<double>(row, stride, first, options_.results);
    if (refused == first) continue;
    first = refused;
    found = &write;
  }
  if (found == nullptr) return;
  cell[innermost] += first * step;
  double value = 0;
  if (found->dtype == DType::float32) {
    value = *reinterpret_cast<const float*>(element(frame, *found, cell));
  } else {
    value = *reinterpret_cast<const double*>(element(frame, *found, cell));
  }
  Coordinates place = found->offsets;
  for (std::size_t axis = 0; axis < cell.size(); ++axis) place[axis] += cell[axis];
  throw LaunchError(
      {.code = ErrorCode::not_finite,
       .message = fmt::format("Cell {} of kernel '{}' stored {} in element {} of '{}'.", tuple_text(cell), kernel_name_,
                              kind_of(value), tuple_text(place), buffers_[found->buffer].name),
       .notes = {"It is the first such cell in the order of the loops; the call has run to its end."},
       .hints = {"Look at what this cell reads, and check the kernels that wrote it before."}});
}

void CallChecks::check_results(const CallFrame& frame, const std::int64_t* begin, const std::int64_t* end) const {
  Coordinates rows;
  for (const int dimension : loop_order_) {
    const auto d = static_cast<std::size_t>(dimension);
    rows.push_back(dimension == loop_order_.back() ? 1 : (end[d] - begin[d] - 1) / steps_[d] + 1);
  }
  Coordinates cell(steps_.size(), 0);
  for_each_element(rows, [&](const Coordinates& number) {
    for (std::size_t i = 0; i < number.size(); ++i) {
      const auto d = static_cast<std::size_t>(loop_order_[i]);
      cell[d] = begin[d] + number[i] * steps_[d];
    }
    check_row(frame, cell, end[loop_order_.back()]);
    return true;
  });
}

CallChecks::Array CallChecks::array(const CallFrame& frame, std::size_t buffer,
                                    const std::vector<std::int64_t>& spatial_extents) const {
  const PreparedBuffer& prepared = buffers_[buffer];
  Array result{spatial_extents, {}, size_of(prepared.dtype)};
  result.extents.insert(result.extents.end(), prepared.index_shape.begin(), prepared.index_shape.end());
  const std::int64_t* const strides = frame.strides() + prepared.first_stride;
  result.strides.assign(strides, strides + prepared.axes);
  return result;
}

// Two buffers that share elements are the same array: everything else has been refused.
bool CallChecks::is_first_name(const CallFrame& frame, std::size_t buffer) const {
  return std::find(frame.data(), frame.data() + buffer, frame.data()[buffer]) == frame.data() + buffer;
}

CallChecks::Elements CallChecks::elements(const CallFrame& frame, const std::vector<std::int64_t>& extents) const {
  Elements result(buffers_.size());
  for (std::size_t buffer = 0; buffer < buffers_.size(); ++buffer) {
    if (!is_first_name(frame, buffer)) continue;
    const Array array = this->array(frame, buffer, extents);
    const auto size = static_cast<std::int64_t>(array.element);
    const auto* const data = static_cast<const std::byte*>(frame.data()[buffer]);
    for_each_element(array.extents, [&](const Coordinates& at) {
      const std::byte* const from = data + size * distance(array.strides, at);
      result[buffer].insert(result[buffer].end(), from, from + size);
      return true;
    });
  }
  return result;
}

bool CallChecks::writes_element(const CallFrame& frame, std::size_t buffer, const Coordinates& coordinates) const {
  return std::ranges::any_of(writes_, [&](const Write& write) {
    if (frame.data()[write.buffer] != frame.data()[buffer]) return false;
    for (std::size_t axis = 0; axis < coordinates.size(); ++axis) {
      const std::int64_t cell = coordinates[axis] - write.offsets[axis];
      if (axis >= steps_.size()) {
        if (cell != 0) return false;
      } else if (cell < frame.begin()[axis] || cell >= frame.end()[axis] ||
                 (cell - frame.begin()[axis]) % steps_[axis] != 0) {
        return false;
      }
    }
    return true;
  });
}

void CallChecks::check_writes(const CallFrame& frame, const std::vector<std::int64_t>& extents,
                              const Elements& before) const {
  for (std::size_t buffer = 0; buffer < buffers_.size(); ++buffer) {
    if (!is_first_name(frame, buffer)) continue;
    const Array array = this->array(frame, buffer, extents);
    const auto size = static_cast<std::int64_t>(array.element);
    const auto* const data = static_cast<const std::byte*>(frame.data()[buffer]);
    const std::byte* old = before[buffer].data();
    for_each_element(array.extents, [&](const Coordinates& at) {
      const bool same = std::memcmp(old, data + size * distance(array.strides, at), array.element) == 0;
      old += size;
      if (same || writes_element(frame, buffer, at)) return true;
      throw LaunchError({.code = ErrorCode::stray_write,
                         .message = fmt::format("The code of kernel '{}' changed element {} of '{}', which no cell of "
                                                "the call writes.",
                                                kernel_name_, tuple_text(at), buffers_[buffer].name),
                         .notes = {"The arrays may have been written elsewhere, too."},
                         .hints = {"The JIT or the executor of this kernel is wrong, or another thread wrote to the "
                                   "array meanwhile."}});
    });
  }
}

}  // namespace cppstencils::runtime
