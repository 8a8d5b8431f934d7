#include "cppstencils/runtime/device_array.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "jit/cuda/driver.hpp"
#include "runtime/wording.hpp"

namespace cppstencils::detail {

namespace {

/// What the memory of a GPU moves at once.
constexpr std::int64_t row_alignment = 128;

jit::DriverStream handle(Stream stream) { return static_cast<jit::DriverStream>(stream.handle); }

jit::DeviceAddress address(const void* memory) { return reinterpret_cast<jit::DeviceAddress>(memory); }

std::int64_t count_of(const std::vector<std::int64_t>& extents) {
  std::int64_t count = 1;
  for (const std::int64_t extent : extents) count *= extent;
  return count;
}

/// Dense strides, but for rows that are long enough to be worth an alignment.
std::vector<std::int64_t> padded_strides(const std::vector<std::int64_t>& extents, const std::vector<int>& layout,
                                         std::int64_t element, int spatial_rank) {
  std::vector<std::int64_t> padded = extents;
  if (!layout.empty() && layout.back() < spatial_rank) {
    std::int64_t& row = padded[static_cast<std::size_t>(layout.back())];
    const std::int64_t unit = row_alignment / element;
    if (row >= unit && row <= row + unit) row = (row + unit - 1) / unit * unit;
  }
  return dense_strides(padded, layout);
}

/// Calls `visit(host, rows)` for the bytes of every element of a host array and its place in dense memory of this
/// layout, in order.
template <class Visit>
void for_each_element(const ArrayRef& host, const std::vector<int>& layout, Visit&& visit) {
  const auto element = static_cast<std::int64_t>(size_of(host.dtype));
  std::vector<std::int64_t> index(layout.size(), 0);
  std::int64_t place = 0;
  for (;;) {
    std::int64_t offset = 0;
    for (std::size_t axis = 0; axis < index.size(); ++axis) offset += index[axis] * host.byte_strides[axis];
    visit(static_cast<std::byte*>(host.data) + offset, place);
    place += element;
    std::size_t level = layout.size();
    for (; level-- > 0;) {
      const auto axis = static_cast<std::size_t>(layout[level]);
      if (++index[axis] < host.extents[axis]) break;
      index[axis] = 0;
    }
    if (level == static_cast<std::size_t>(-1)) return;
  }
}

/// Whether the elements of a host array lie side by side in the order of this layout.
bool is_dense(const ArrayRef& host, const std::vector<int>& layout) {
  auto stride = static_cast<std::int64_t>(size_of(host.dtype));
  for (std::size_t level = layout.size(); level-- > 0;) {
    const auto axis = static_cast<std::size_t>(layout[level]);
    if (host.extents[axis] != 1 && host.byte_strides[axis] != stride) return false;
    stride *= host.extents[axis];
  }
  return true;
}

}  // namespace

ArrayRef make_device_ref(void* data, DType dtype, Mutability mutability, std::span<const std::int64_t> extents,
                         std::span<const std::int64_t> element_strides, int device) {
  ArrayRef ref = make_array_ref(data, dtype, mutability, extents, element_strides);
  ref.memory = MemorySpace::device;
  ref.device = device;
  return ref;
}

DeviceMemory::DeviceMemory(GpuDevice device, DType dtype, std::vector<std::int64_t> extents, std::vector<int> layout,
                           int spatial_rank)
    : device_(std::move(device)),
      dtype_(dtype),
      extents_(std::move(extents)),
      layout_(std::move(layout)),
      strides_(padded_strides(extents_, layout_, static_cast<std::int64_t>(size_of(dtype)), spatial_rank)) {
  if (count_of(extents_) == 0) return;
  const auto element = static_cast<std::int64_t>(size_of(dtype));
  const auto outermost = layout_.empty() ? std::size_t{0} : static_cast<std::size_t>(layout_.front());
  bytes_ = element;
  if (!layout_.empty() && (__builtin_mul_overflow(strides_[outermost], extents_[outermost], &bytes_) ||
                           __builtin_mul_overflow(bytes_, element, &bytes_))) {
    throw ArgumentError({.code = ErrorCode::argument_size,
                         .message = fmt::format("An array with the extents {} is larger than the address space.",
                                                runtime::tuple_text(extents_))});
  }
  const jit::DeviceContext& context = *device_.context();
  const jit::DeviceContext::Use use(context);
  jit::DeviceAddress memory = 0;
  context.driver().check(context.driver()->allocate(&memory, static_cast<std::size_t>(bytes_)),
                         fmt::format("allocate {} bytes", bytes_));
  data_ = reinterpret_cast<void*>(memory);
}

DeviceMemory::DeviceMemory(DeviceMemory&& other) noexcept
    : device_(other.device_),
      dtype_(other.dtype_),
      extents_(std::move(other.extents_)),
      layout_(std::move(other.layout_)),
      strides_(std::move(other.strides_)),
      bytes_(std::exchange(other.bytes_, 0)),
      data_(std::exchange(other.data_, nullptr)) {}

DeviceMemory& DeviceMemory::operator=(DeviceMemory&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(dtype_, other.dtype_);
  std::swap(extents_, other.extents_);
  std::swap(layout_, other.layout_);
  std::swap(strides_, other.strides_);
  std::swap(bytes_, other.bytes_);
  std::swap(data_, other.data_);
  return *this;
}

DeviceMemory::~DeviceMemory() {
  if (data_ == nullptr) return;
  try {
    const jit::DeviceContext& context = *device_.context();
    const jit::DeviceContext::Use use(context);
    (void)context.driver()->free(address(data_));
  } catch (const Error&) {
    // The driver is gone, and the memory with it.
  }
}

ArrayRef DeviceMemory::ref(Mutability mutability) const {
  ArrayRef ref = make_device_ref(data_, dtype_, mutability, extents_, strides_, device_.ordinal());
  ref.source = AddressSource::owner;
  return ref;
}

void DeviceMemory::check_host(const ArrayRef& host) const {
  const std::span<const std::int64_t> extents = std::span(host.extents).first(static_cast<std::size_t>(host.rank));
  if (std::ranges::equal(extents, extents_)) return;
  throw ArgumentError(
      {.code = ErrorCode::argument_extent,
       .message = fmt::format("An array of the host with the extents {} and one of the GPU with {} cannot "
                              "be copied to each other.",
                              runtime::tuple_text(extents), runtime::tuple_text(extents_))});
}

// All padding is at the ends of the rows, so that one copy of rows moves everything.
void DeviceMemory::copy(void* rows, Direction direction, Stream stream) const {
  const auto element = static_cast<std::size_t>(size_of(dtype_));
  const auto total = static_cast<std::size_t>(count_of(extents_)) * element;
  jit::DriverCopy2d copy;
  copy.width = total;
  copy.height = 1;
  std::size_t pitch = total;
  if (layout_.size() > 1) {
    copy.width = static_cast<std::size_t>(extents_[static_cast<std::size_t>(layout_.back())]) * element;
    copy.height = total / copy.width;
    pitch = static_cast<std::size_t>(strides_[static_cast<std::size_t>(layout_[layout_.size() - 2])]) * element;
  }
  const jit::DeviceContext& context = *device_.context();
  const jit::Driver& driver = context.driver();
  const jit::DeviceContext::Use use(context);
  if (pitch == copy.width) {  // rows may be too long for a copy of rows
    driver.check(direction == Direction::to_device ? driver->copy_to_device(address(data_), rows, total, handle(stream))
                                                   : driver->copy_to_host(rows, address(data_), total, handle(stream)),
                 "copy an array");
    driver.check(driver->wait_for_stream(handle(stream)), "copy an array");
    return;
  }
  switch (direction) {
    case Direction::to_device:
      copy.source_type = jit::memory_type_host;
      copy.source_host = rows;
      copy.source_pitch = copy.width;
      copy.target_type = jit::memory_type_device;
      copy.target_device = address(data_);
      copy.target_pitch = pitch;
      break;
    case Direction::to_host:
      copy.source_type = jit::memory_type_device;
      copy.source_device = address(data_);
      copy.source_pitch = pitch;
      copy.target_type = jit::memory_type_host;
      copy.target_host = rows;
      copy.target_pitch = copy.width;
      break;
  }
  driver.check(driver->copy_rows(&copy, handle(stream)), "copy an array");
  driver.check(driver->wait_for_stream(handle(stream)), "copy an array");
}

void DeviceMemory::copy_from(const ArrayRef& host, Stream stream) {
  check_host(host);
  if (data_ == nullptr) return;
  if (is_dense(host, layout_)) return copy(host.data, Direction::to_device, stream);
  const auto element = static_cast<std::size_t>(size_of(dtype_));
  const auto rows = std::make_unique_for_overwrite<std::byte[]>(static_cast<std::size_t>(count_of(extents_)) * element);
  for_each_element(host, layout_,
                   [&](const std::byte* from, std::int64_t place) { std::memcpy(rows.get() + place, from, element); });
  copy(rows.get(), Direction::to_device, stream);
}

void DeviceMemory::copy_to(const ArrayRef& host, Stream stream) const {
  check_host(host);
  if (data_ == nullptr) return;
  if (is_dense(host, layout_)) return copy(host.data, Direction::to_host, stream);
  const auto element = static_cast<std::size_t>(size_of(dtype_));
  const auto rows = std::make_unique_for_overwrite<std::byte[]>(static_cast<std::size_t>(count_of(extents_)) * element);
  copy(rows.get(), Direction::to_host, stream);
  for_each_element(host, layout_,
                   [&](std::byte* to, std::int64_t place) { std::memcpy(to, rows.get() + place, element); });
}

void DeviceMemory::fill(const void* element, Stream stream) {
  if (data_ == nullptr) return;
  const auto size = static_cast<std::size_t>(size_of(dtype_));
  const auto* const bytes = static_cast<const unsigned char*>(element);
  if (std::all_of(bytes, bytes + size, [&](unsigned char byte) { return byte == bytes[0]; })) {
    const jit::DeviceContext& context = *device_.context();
    const jit::DeviceContext::Use use(context);
    context.driver().check(
        context.driver()->set_bytes(address(data_), bytes[0], static_cast<std::size_t>(bytes_), handle(stream)),
        "fill an array");
    return;
  }
  const auto count = static_cast<std::size_t>(count_of(extents_));
  const auto rows = std::make_unique_for_overwrite<std::byte[]>(count * size);
  for (std::size_t i = 0; i < count; ++i) std::memcpy(rows.get() + i * size, element, size);
  copy(rows.get(), Direction::to_device, stream);
}

}  // namespace cppstencils::detail
