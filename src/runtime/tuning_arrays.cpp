#include "runtime/tuning_arrays.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>

namespace cppstencils::runtime {

namespace {

constexpr std::int64_t page_bytes = 4096;

/// Copies elements along all axes from `axis` on.
void copy_elements(std::byte* to, const std::byte* from, std::size_t axis, const std::vector<std::int64_t>& counts,
                   const std::vector<std::int64_t>& byte_strides, std::size_t element) {
  if (axis == counts.size()) {
    std::memcpy(to, from, element);
    return;
  }
  const std::int64_t stride = byte_strides[axis];
  if (axis + 1 == counts.size() && stride == static_cast<std::int64_t>(element)) {
    std::memcpy(to, from, static_cast<std::size_t>(counts[axis]) * element);
    return;
  }
  for (std::int64_t i = 0; i < counts[axis]; ++i) {
    copy_elements(to + i * stride, from + i * stride, axis + 1, counts, byte_strides, element);
  }
}

}  // namespace

TuningArrays::TuningArrays(const PreparedKernel& kernel, const CallFrame& frame) : numbers_(kernel.reductions.size()) {
  for (std::size_t i = 0; i < kernel.buffers.size(); ++i) {
    add(kernel.buffers[i], frame.data()[i], frame.strides() + kernel.buffers[i].first_stride, kernel, frame);
  }
  for (Memory& memory : memories_) {
    if (memory.is_written) allocate(memory);
  }
}

// Buffers that share elements are one array, with one pointer and the same strides: everything else has been refused.
void TuningArrays::add(const PreparedBuffer& buffer, const void* data, const std::int64_t* strides,
                       const PreparedKernel& kernel, const CallFrame& frame) {
  const auto found = std::ranges::find(memories_, data, &Memory::original);
  const auto position = static_cast<std::size_t>(found - memories_.begin());
  memory_of_.push_back(position);
  if (found == memories_.end()) {
    Memory& fresh = memories_.emplace_back();
    fresh.original = static_cast<const std::byte*>(data);
    fresh.element = size_of(buffer.dtype);
    for (int axis = 0; axis < buffer.axes; ++axis) {
      fresh.byte_strides.push_back(strides[axis] * static_cast<std::int64_t>(fresh.element));
      fresh.accesses.emplace_back();
    }
  }
  Memory& memory = memories_[position];
  memory.is_read = memory.is_read || buffer.access != ir::BufferAccess::write;
  memory.is_written = memory.is_written || buffer.written();
  const auto rank = static_cast<std::size_t>(kernel.rank);
  for (std::size_t axis = 0; axis < memory.accesses.size(); ++axis) {
    OffsetRange& range = memory.accesses[axis];
    if (axis >= rank) {
      range.include(0);
      range.include(buffer.index_shape[axis - rank] - 1);
    } else if (!buffer.accesses[axis].empty()) {
      range.include(frame.begin()[axis] + buffer.accesses[axis].least);
      range.include(frame.end()[axis] - 1 + buffer.accesses[axis].greatest);
    }
  }
}

void TuningArrays::allocate(Memory& memory) {
  std::int64_t least = 0;
  std::int64_t end = static_cast<std::int64_t>(memory.element);
  for (std::size_t axis = 0; axis < memory.accesses.size(); ++axis) {
    const OffsetRange& range = memory.accesses[axis];
    if (range.empty()) return;  // a buffer that no cell accesses
    const std::int64_t one = range.least * memory.byte_strides[axis];
    const std::int64_t other = range.greatest * memory.byte_strides[axis];
    least += std::min(one, other);
    end += std::max(one, other);
  }
  constexpr std::int64_t word = sizeof(std::int64_t);
  memory.words.emplace(std::vector<std::int64_t>{(end - least + page_bytes) / word + 1},
                       ArrayOptions{.padding = Padding::none});
  auto* const first = reinterpret_cast<std::byte*>(memory.words->data());
  const auto wanted = reinterpret_cast<std::uintptr_t>(memory.original) + static_cast<std::uintptr_t>(least);
  const std::uintptr_t gap = (wanted - reinterpret_cast<std::uintptr_t>(first)) % page_bytes;
  memory.data = first + static_cast<std::int64_t>(gap) - least;
}

void TuningArrays::put_into(const CallFrame& frame) {
  for (std::size_t i = 0; i < memory_of_.size(); ++i) {
    const Memory& memory = memories_[memory_of_[i]];
    if (memory.data != nullptr) frame.data()[i] = memory.data;
  }
  for (std::size_t i = 0; i < numbers_.size(); ++i) frame.data()[memory_of_.size() + i] = &numbers_[i];
}

void TuningArrays::restore() const {
  for (const Memory& memory : memories_) {
    if (memory.data == nullptr || !memory.is_read) continue;
    // The axis with the least distance comes last, so that it is the innermost loop.
    std::vector<std::size_t> axes(memory.accesses.size());
    for (std::size_t axis = 0; axis < axes.size(); ++axis) axes[axis] = axis;
    std::ranges::stable_sort(axes, std::ranges::greater(),
                             [&](std::size_t axis) { return std::abs(memory.byte_strides[axis]); });
    std::int64_t offset = 0;
    std::vector<std::int64_t> counts;
    std::vector<std::int64_t> strides;
    for (const std::size_t axis : axes) {
      const OffsetRange& range = memory.accesses[axis];
      offset += range.least * memory.byte_strides[axis];
      counts.push_back(range.greatest - range.least + 1);
      strides.push_back(memory.byte_strides[axis]);
    }
    copy_elements(memory.data + offset, memory.original + offset, 0, counts, strides, memory.element);
  }
}

}  // namespace cppstencils::runtime
