#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "cppstencils/field/field.hpp"
#include "cppstencils/support/dtype.hpp"
#include "cppstencils/support/export.hpp"

namespace cppstencils {

enum class Mutability : std::uint8_t { writable, read_only };
enum class ByteOrder : std::uint8_t { native, swapped };

/// A description of somebody's array: what the call boundary checks. Does not own the memory.
struct ArrayRef {
  void* data = nullptr;
  DType dtype = DType::float64;
  Mutability mutability = Mutability::writable;
  ByteOrder byte_order = ByteOrder::native;
  int rank = 0;
  std::array<std::int64_t, max_array_rank> extents = {};
  /// In bytes; may be negative or zero.
  std::array<std::int64_t, max_array_rank> byte_strides = {};
};

namespace detail {
/// Throws ArgumentError (argument-rank, argument-size, argument-null) for extents and strides that no array can have.
CPPSTENCILS_EXPORT ArrayRef make_array_ref(void* data, DType dtype, Mutability mutability,
                                           std::span<const std::int64_t> extents,
                                           std::span<const std::int64_t> element_strides);
/// Strides in elements of a dense array in this layout. Throws ArgumentError (argument-size) on overflow.
CPPSTENCILS_EXPORT std::vector<std::int64_t> dense_strides(std::span<const std::int64_t> extents,
                                                           std::span<const int> layout);
CPPSTENCILS_EXPORT std::shared_ptr<void> allocate_zeroed(std::span<const std::int64_t> extents, DType dtype);
[[noreturn]] CPPSTENCILS_EXPORT void fail_index(std::span<const std::int64_t> index,
                                                std::span<const std::int64_t> extents);
}  // namespace detail

/// A view of foreign memory: pointer, extents and strides in elements. `const T` views are read-only.
template <class T>
requires Element<std::remove_const_t<T>>
class ArrayView {
 public:
  /// A dense row-major view.
  ArrayView(T* data, std::vector<std::int64_t> extents)
      : ArrayView(data, extents,
                  detail::dense_strides(extents, Layout::c().order(static_cast<int>(extents.size()), 0))) {}
  /// Throws ArgumentError for extents and strides of different length, negative extents, or a null pointer to elements.
  ArrayView(T* data, std::vector<std::int64_t> extents, std::vector<std::int64_t> strides)
      : data_(data), extents_(std::move(extents)), strides_(std::move(strides)) {
    (void)ref();
  }

  T* data() const noexcept { return data_; }
  int rank() const noexcept { return static_cast<int>(extents_.size()); }
  const std::vector<std::int64_t>& extents() const noexcept { return extents_; }
  std::int64_t extent(int axis) const { return extents_.at(static_cast<std::size_t>(axis)); }
  const std::vector<std::int64_t>& strides() const noexcept { return strides_; }

  /// The element at these coordinates; unchecked.
  template <std::integral... Index>
  T& operator()(Index... index) const {
    std::size_t axis = 0;
    std::int64_t position = 0;
    ((position += static_cast<std::int64_t>(index) * strides_[axis++]), ...);
    return data_[position];
  }
  /// The element at these coordinates. Throws ArgumentError (out-of-bounds).
  template <std::integral... Index>
  T& at(Index... index) const {
    const std::array<std::int64_t, sizeof...(Index)> values{static_cast<std::int64_t>(index)...};
    bool inside = values.size() == extents_.size();
    for (std::size_t i = 0; inside && i < values.size(); ++i) inside = values[i] >= 0 && values[i] < extents_[i];
    if (!inside) detail::fail_index(values, extents_);
    return (*this)(index...);
  }

  ArrayRef ref() const {
    return detail::make_array_ref(const_cast<std::remove_const_t<T>*>(data_), dtype_of<std::remove_const_t<T>>(),
                                  std::is_const_v<T> ? Mutability::read_only : Mutability::writable, extents_,
                                  strides_);
  }
  operator ArrayRef() const { return ref(); }  // NOLINT(google-explicit-constructor)

 private:
  T* data_;
  std::vector<std::int64_t> extents_;
  std::vector<std::int64_t> strides_;
};

/// An owning, zero-initialised array, aligned to a cache line. Moves are cheap; copies copy the elements.
template <Element T>
class Array {
 public:
  /// Throws ArgumentError (argument-size) for negative extents or a size that overflows.
  explicit Array(std::vector<std::int64_t> extents, const Layout& layout = Layout::c(), int index_rank = 0)
      : layout_(layout.order(static_cast<int>(extents.size()) - index_rank, index_rank)),
        memory_(detail::allocate_zeroed(extents, dtype_of<T>())),
        view_(static_cast<T*>(memory_.get()), extents, detail::dense_strides(extents, layout_)) {}
  Array(const Array& other)
      : layout_(other.layout_),
        memory_(detail::allocate_zeroed(other.extents(), dtype_of<T>())),
        view_(static_cast<T*>(memory_.get()), other.extents(), other.strides()) {
    std::copy_n(other.data(), other.size(), data());
  }
  Array& operator=(const Array& other) {
    if (this != &other) *this = Array(other);
    return *this;
  }
  Array(Array&&) noexcept = default;
  Array& operator=(Array&&) noexcept = default;
  ~Array() = default;

  T* data() noexcept { return view_.data(); }
  const T* data() const noexcept { return view_.data(); }
  int rank() const noexcept { return view_.rank(); }
  const std::vector<std::int64_t>& extents() const noexcept { return view_.extents(); }
  std::int64_t extent(int axis) const { return view_.extent(axis); }
  const std::vector<std::int64_t>& strides() const noexcept { return view_.strides(); }
  /// Number of elements.
  std::int64_t size() const {
    std::int64_t count = 1;
    for (const std::int64_t extent : extents()) count *= extent;
    return count;
  }

  /// The element at these coordinates; unchecked.
  template <std::integral... Index>
  T& operator()(Index... index) {
    return view_(index...);
  }
  template <std::integral... Index>
  const T& operator()(Index... index) const {
    return view_(index...);
  }
  /// The element at these coordinates. Throws ArgumentError (out-of-bounds).
  template <std::integral... Index>
  T& at(Index... index) {
    return view_.at(index...);
  }
  template <std::integral... Index>
  const T& at(Index... index) const {
    return view_.at(index...);
  }
  void fill(T value) { std::fill_n(data(), size(), value); }

  ArrayView<T> view() { return view_; }
  ArrayView<const T> view() const { return {data(), extents(), strides()}; }
  operator ArrayRef() { return view_.ref(); }  // NOLINT(google-explicit-constructor)
  operator ArrayRef() const {                  // NOLINT(google-explicit-constructor)
    ArrayRef ref = view_.ref();
    ref.mutability = Mutability::read_only;
    return ref;
  }

  friend void swap(Array& a, Array& b) noexcept {
    std::swap(a.layout_, b.layout_);
    std::swap(a.memory_, b.memory_);
    std::swap(a.view_, b.view_);
  }

 private:
  std::vector<int> layout_;
  std::shared_ptr<void> memory_;
  ArrayView<T> view_;
};

}  // namespace cppstencils
