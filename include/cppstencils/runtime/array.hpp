#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
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

/// Who can address the memory of an array.
enum class MemorySpace : std::uint8_t {
  host,
  /// One GPU.
  device,
  /// Both; the driver moves what is needed.
  managed,
};

/// Who says where the memory of an array on a GPU is.
enum class AddressSource : std::uint8_t {
  /// Somebody; the driver is asked in every call.
  caller,
  /// The array has allocated it itself.
  owner,
};

/// The number of a GPU that only the driver knows; it is asked when a kernel is called.
inline constexpr int unknown_device = -1;

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
  MemorySpace memory = MemorySpace::host;
  /// The number of the GPU, for memory that is not the host's.
  int device = 0;
  AddressSource source = AddressSource::caller;
};

/// Whether an owning array has unused room between its rows and between its components.
enum class Padding : std::uint8_t {
  /// Where that makes kernels faster and costs at most an eighth of the memory: rows of 512 bytes and more begin at
  /// equal
  /// places of their cache lines; the elements of different index values, such as the populations of a lattice, are at
  /// different places of their pages; and nothing is a multiple of 4096 bytes away. So elements with neighbouring
  /// coordinates may be further apart than in a dense array: use `strides()`.
  automatic,
  /// None: the elements follow each other in memory, for code that expects a dense array at `data()`.
  none,
};

/// How an owning array lies in memory. Every member has a default.
struct ArrayOptions {
  Layout layout = Layout::c();
  /// How many of the dimensions, the last ones, are index dimensions.
  int index_rank = 0;
  Padding padding = Padding::automatic;
  /// How many cells at the beginning of a row kernels read and do not update. With automatic padding the cell behind
  /// them is at the border of a cache line in rows of 512 bytes and more. Any value gives right results.
  std::int64_t ghost_layers = 1;
  /// How many threads may write a large array for the first time, each the part that it will have in kernels; at least
  /// 1. Absent: as many as there are processors. CPPSTENCILS_THREADS in the environment is an upper limit.
  std::optional<int> threads = {};
};

namespace detail {
/// Where the elements of an owning array lie, counted in elements.
struct ArrayPlan {
  std::vector<std::int64_t> strides;
  /// From a border of 64 bytes to the first element.
  std::int64_t lead = 0;
  /// From the first element to the end of the last one.
  std::int64_t span = 0;
  // Slabs along the slowest spatial dimension, in each block of elements with equal slower coordinates.
  std::vector<std::int64_t> blocks;
  std::int64_t slab_stride = 0;
  std::int64_t slabs = 0;
};
/// Throws ArgumentError (argument-size, argument-rank) for extents that no array can have, FieldError (field-layout).
CPPSTENCILS_EXPORT ArrayPlan plan_array(std::span<const std::int64_t> extents, DType dtype,
                                        const ArrayOptions& options);
/// Zeroed memory; points to the first element.
CPPSTENCILS_EXPORT std::shared_ptr<void> allocate_zeroed(const ArrayPlan& plan, DType dtype,
                                                         std::optional<int> threads);
/// Calls `write(first, count)` for ranges that contain all elements, those of large arrays on several threads.
/// `write` throws nothing.
CPPSTENCILS_EXPORT void write_in_parts(const ArrayPlan& plan, DType dtype, std::optional<int> threads,
                                       const std::function<void(std::int64_t, std::int64_t)>& write);
/// Throws ArgumentError (argument-rank, argument-size, argument-null) for extents and strides that no array can have.
CPPSTENCILS_EXPORT ArrayRef make_array_ref(void* data, DType dtype, Mutability mutability,
                                           std::span<const std::int64_t> extents,
                                           std::span<const std::int64_t> element_strides);
/// Strides in elements of a dense array in this layout. Throws ArgumentError (argument-size) on overflow.
CPPSTENCILS_EXPORT std::vector<std::int64_t> dense_strides(std::span<const std::int64_t> extents,
                                                           std::span<const int> layout);
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

/// An owning, zero-initialised array. Rows and components may be padded, see `Padding`. Moves are cheap; copies copy
/// the elements, and lie in memory as the original does.
template <Element T>
class Array {
 public:
  /// Throws ArgumentError (argument-size) for negative extents or a size that overflows, ConfigError when the
  /// environment variable CPPSTENCILS_THREADS is no number.
  explicit Array(std::vector<std::int64_t> extents, const Layout& layout = Layout::c(), int index_rank = 0)
      : Array(std::move(extents), ArrayOptions{.layout = layout, .index_rank = index_rank}) {}
  Array(std::vector<std::int64_t> extents, const ArrayOptions& options)
      : threads_(options.threads),
        plan_(detail::plan_array(extents, dtype_of<T>(), options)),
        memory_(detail::allocate_zeroed(plan_, dtype_of<T>(), threads_)),
        view_(static_cast<T*>(memory_.get()), std::move(extents), plan_.strides) {}
  Array(const Array& other)
      : threads_(other.threads_),
        plan_(other.plan_),
        memory_(detail::allocate_zeroed(plan_, dtype_of<T>(), threads_)),
        view_(static_cast<T*>(memory_.get()), other.extents(), other.strides()) {
    write([from = other.data(), to = data()](std::int64_t first, std::int64_t count) {
      std::copy_n(from + first, count, to + first);
    });
  }
  Array& operator=(const Array& other) {
    if (this != &other) *this = Array(other);
    return *this;
  }
  Array(Array&&) noexcept = default;
  Array& operator=(Array&&) noexcept = default;
  ~Array() = default;

  /// The element with all coordinates zero.
  T* data() noexcept { return view_.data(); }
  const T* data() const noexcept { return view_.data(); }
  int rank() const noexcept { return view_.rank(); }
  const std::vector<std::int64_t>& extents() const noexcept { return view_.extents(); }
  std::int64_t extent(int axis) const { return view_.extent(axis); }
  /// In elements.
  const std::vector<std::int64_t>& strides() const noexcept { return view_.strides(); }
  /// Whether the elements follow each other in memory, so that [data(), data() + size()) are all of them.
  bool is_dense() const { return plan_.span == size(); }
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
  /// Gives all elements this value, in a large array on several threads.
  void fill(T value) {
    write([value, to = data()](std::int64_t first, std::int64_t count) { std::fill_n(to + first, count, value); });
  }

  ArrayView<T> view() { return view_; }
  ArrayView<const T> view() const { return {data(), extents(), strides()}; }
  operator ArrayRef() { return view_.ref(); }  // NOLINT(google-explicit-constructor)
  operator ArrayRef() const {                  // NOLINT(google-explicit-constructor)
    ArrayRef ref = view_.ref();
    ref.mutability = Mutability::read_only;
    return ref;
  }

  friend void swap(Array& a, Array& b) noexcept {
    std::swap(a.threads_, b.threads_);
    std::swap(a.plan_, b.plan_);
    std::swap(a.memory_, b.memory_);
    std::swap(a.view_, b.view_);
  }

 private:
  // Room between elements is written with them: it belongs to the array.
  void write(const std::function<void(std::int64_t, std::int64_t)>& action) {
    detail::write_in_parts(plan_, dtype_of<T>(), threads_, action);
  }

  std::optional<int> threads_;
  detail::ArrayPlan plan_;
  std::shared_ptr<void> memory_;
  ArrayView<T> view_;
};

}  // namespace cppstencils
