#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "cppstencils/jit/gpu_device.hpp"
#include "cppstencils/runtime/array.hpp"
#include "cppstencils/support/export.hpp"

namespace cppstencils {

namespace detail {

/// Memory of a GPU and what lies in it.
class CPPSTENCILS_EXPORT DeviceMemory {
 public:
  DeviceMemory(GpuDevice device, DType dtype, std::vector<std::int64_t> extents, std::vector<int> layout,
               int spatial_rank);
  DeviceMemory(DeviceMemory&& other) noexcept;
  DeviceMemory& operator=(DeviceMemory&& other) noexcept;
  ~DeviceMemory();

  const GpuDevice& device() const noexcept { return device_; }
  void* data() const noexcept { return data_; }
  const std::vector<std::int64_t>& extents() const noexcept { return extents_; }
  const std::vector<std::int64_t>& strides() const noexcept { return strides_; }
  const std::vector<int>& layout() const noexcept { return layout_; }
  ArrayRef ref(Mutability mutability) const;
  void copy_from(const ArrayRef& host, Stream stream);
  void copy_to(const ArrayRef& host, Stream stream) const;
  void fill(const void* element, Stream stream);

 private:
  enum class Direction : std::uint8_t { to_device, to_host };
  void check_host(const ArrayRef& host) const;
  void copy(void* rows, Direction direction, Stream stream) const;

  GpuDevice device_;
  DType dtype_;
  std::vector<std::int64_t> extents_;
  std::vector<int> layout_;
  std::vector<std::int64_t> strides_;
  std::int64_t bytes_ = 0;
  void* data_ = nullptr;
};

/// A description of memory on a GPU. Throws what `make_array_ref` throws.
CPPSTENCILS_EXPORT ArrayRef make_device_ref(void* data, DType dtype, Mutability mutability,
                                            std::span<const std::int64_t> extents,
                                            std::span<const std::int64_t> element_strides, int device);

}  // namespace detail

/// Foreign memory on a GPU as an argument: pointer, extents and strides in elements. `const T` views are read-only.
template <class T>
requires Element<std::remove_const_t<T>>
class DeviceView {
 public:
  /// A dense row-major view.
  DeviceView(T* data, std::vector<std::int64_t> extents, int device = 0)
      : DeviceView(data, extents,
                   detail::dense_strides(extents, Layout::c().order(static_cast<int>(extents.size()), 0)), device) {}
  /// Throws ArgumentError for extents and strides of different length, negative extents, or a null pointer to elements.
  DeviceView(T* data, const std::vector<std::int64_t>& extents, const std::vector<std::int64_t>& strides,
             int device = 0)
      : ref_(detail::make_device_ref(const_cast<std::remove_const_t<T>*>(data), dtype_of<std::remove_const_t<T>>(),
                                     std::is_const_v<T> ? Mutability::read_only : Mutability::writable, extents,
                                     strides, device)) {}
  operator ArrayRef() const { return ref_; }  // NOLINT(google-explicit-constructor)

 private:
  ArrayRef ref_;
};

/// An owning array in the memory of a GPU. Long rows begin at multiples of 128 bytes, so the strides have gaps. Its
/// elements have no value until they are written. Move-only; the memory is given back with the object, so the work that
/// uses it must be finished.
template <Element T>
class DeviceArray {
 public:
  /// Throws ArgumentError (argument-size) for negative extents or a size that overflows, and LaunchError when the
  /// memory of the GPU is used up.
  DeviceArray(const GpuDevice& device, const std::vector<std::int64_t>& extents, const Layout& layout = Layout::c(),
              int index_rank = 0)
      : memory_(device, dtype_of<T>(), extents, layout.order(static_cast<int>(extents.size()) - index_rank, index_rank),
                static_cast<int>(extents.size()) - index_rank) {}

  const GpuDevice& device() const noexcept { return memory_.device(); }
  /// An address of the GPU.
  T* data() noexcept { return static_cast<T*>(memory_.data()); }
  const T* data() const noexcept { return static_cast<const T*>(memory_.data()); }
  int rank() const noexcept { return static_cast<int>(extents().size()); }
  const std::vector<std::int64_t>& extents() const noexcept { return memory_.extents(); }
  std::int64_t extent(int axis) const { return extents().at(static_cast<std::size_t>(axis)); }
  /// In elements.
  const std::vector<std::int64_t>& strides() const noexcept { return memory_.strides(); }

  /// Copies all elements from an array of the host with the same extents and any strides. Comes after the work that was
  /// queued on the stream, and waits for it. Throws ArgumentError (argument-extent).
  void copy_from(const Array<T>& host, Stream stream = {}) { memory_.copy_from(host, stream); }
  void copy_from(const ArrayView<T>& host, Stream stream = {}) { memory_.copy_from(host, stream); }
  void copy_from(const ArrayView<const T>& host, Stream stream = {}) { memory_.copy_from(host, stream); }
  /// Copies all elements to an array of the host, likewise.
  void copy_to(Array<T>& host, Stream stream = {}) const { memory_.copy_to(host, stream); }
  void copy_to(const ArrayView<T>& host, Stream stream = {}) const { memory_.copy_to(host, stream); }
  /// Gives every element this value, after the work that was queued on the stream. Waits, unless all bytes of the value
  /// are equal, as those of zero are.
  void fill(T value, Stream stream = {}) { memory_.fill(&value, stream); }

  operator ArrayRef() { return memory_.ref(Mutability::writable); }         // NOLINT(google-explicit-constructor)
  operator ArrayRef() const { return memory_.ref(Mutability::read_only); }  // NOLINT(google-explicit-constructor)

  friend void swap(DeviceArray& a, DeviceArray& b) noexcept { std::swap(a.memory_, b.memory_); }

 private:
  detail::DeviceMemory memory_;
};

}  // namespace cppstencils
