#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cppstencils/sym/expr.hpp"

namespace cppstencils {

/// Arrays have at most this many dimensions, spatial and index together.
inline constexpr int max_array_rank = 16;

class Field;

/// A field element relative to the updated cell: `u(1, 0)`, or `f(0, 0)(3)` with index dimensions.
/// Converts to Expr; can stand on the left of `assign`.
class CPPSTENCILS_EXPORT FieldAccess {
 public:
  /// The same cell with index `index...`; one value per index dimension.
  /// Throws FieldError (field-index) for a wrong count or an index outside the index shape.
  template <std::integral... Index>
  FieldAccess operator()(Index... index) const {
    const std::array<std::int64_t, sizeof...(Index)> values{static_cast<std::int64_t>(index)...};
    return at_index(values);
  }
  FieldAccess at_index(std::span<const std::int64_t> index) const;

  /// The access as an expression. Throws FieldError (field-index) if the field has index dimensions and no
  /// index was given.
  Expr expr() const;
  operator Expr() const { return expr(); }  // NOLINT(google-explicit-constructor)

 private:
  friend class Field;
  FieldAccess(std::shared_ptr<const sym::FieldInfo> field, std::vector<std::int64_t> offsets);

  std::shared_ptr<const sym::FieldInfo> field_;
  std::vector<std::int64_t> offsets_;
  std::vector<std::int64_t> index_;
};

/// The order of a field's dimensions in memory, from the slowest to the fastest. It fixes the order of the
/// loops; it never restricts the strides that a caller may pass.
class CPPSTENCILS_EXPORT Layout {
 public:
  /// One of these orders, from the slowest to the fastest; spatial dimensions are x, y, z, ... as they are declared:
  ///  * "c": all spatial, then all index dimensions as they are declared; the last one is the fastest;
  ///  * "f": the reverse of "c"; x is the fastest;
  ///  * "soa" or "fzyx": the index dimensions as they are declared, then ..., z, y, x; one array per index value;
  ///  * "aos" or "zyxf": ..., z, y, x, then the index dimensions as they are declared; one record per cell.
  /// Throws FieldError (field-layout) for other names.
  Layout(std::string_view name);                                // NOLINT(google-explicit-constructor)
  Layout(const char* name) : Layout(std::string_view(name)) {}  // NOLINT(google-explicit-constructor)
  /// All dimensions, spatial then index, from the slowest to the fastest.
  explicit Layout(std::vector<int> order);

  static Layout c() { return Layout("c"); }
  static Layout f() { return Layout("f"); }
  static Layout soa() { return Layout("soa"); }
  static Layout aos() { return Layout("aos"); }

  /// The order for `rank` spatial and `index_rank` index dimensions.
  /// Throws FieldError (field-layout) when an explicit order does not fit.
  std::vector<int> order(int rank, int index_rank) const;

 private:
  enum class Named : std::uint8_t { c, f, soa, aos, explicit_order };
  Named named_;
  std::vector<int> order_;
};

/// What a field is made of besides its name; every member has a default except the rank.
struct FieldOptions {
  DType dtype = DType::float64;
  std::vector<std::int64_t> index_shape = {};
  /// Spatial extents, if fixed.
  std::optional<std::vector<std::int64_t>> shape = {};
  Layout layout = Layout::c();
};

/// An array of the user's, known by name, that kernels read and write: 1 to 4 spatial dimensions followed by index
/// dimensions, `max_array_rank` in all.
class CPPSTENCILS_EXPORT Field {
 public:
  /// Throws FieldError for a name that is no identifier (invalid-name), a rank outside 1..4 or a non-positive extent
  /// (field-rank), or a layout that does not fit (field-layout).
  Field(std::string_view name, int rank, const FieldOptions& options = {});

  /// The element at these offsets from the updated cell, one per spatial dimension.
  /// Throws FieldError for a wrong count (field-rank) or an offset beyond 32 bits (field-index).
  template <std::integral... Offsets>
  FieldAccess operator()(Offsets... offsets) const {
    const std::array<std::int64_t, sizeof...(Offsets)> values{static_cast<std::int64_t>(offsets)...};
    return at(values);
  }
  FieldAccess at(std::span<const std::int64_t> offsets) const;
  FieldAccess at(std::initializer_list<std::int64_t> offsets) const { return at(std::span(offsets)); }
  /// The element of the updated cell itself.
  FieldAccess center() const;
  /// The element `offset` cells away along one dimension.
  FieldAccess neighbor(int dimension, std::int64_t offset) const;

  const std::string& name() const { return info_->name; }
  DType dtype() const { return info_->dtype; }
  int rank() const { return info_->rank; }
  const std::vector<std::int64_t>& index_shape() const { return info_->index_shape; }
  const std::optional<std::vector<std::int64_t>>& shape() const { return info_->shape; }
  /// All dimensions, from the slowest to the fastest.
  const std::vector<int>& layout() const { return info_->layout; }
  const std::shared_ptr<const sym::FieldInfo>& info() const { return info_; }

  friend bool operator==(const Field& left, const Field& right) { return *left.info_ == *right.info_; }

 private:
  std::shared_ptr<const sym::FieldInfo> info_;  // never null
};

/// Declares fields from a description: names with optional index shapes, then a colon, a type and a size:
/// "u, v: double[2D]", "f(9): float[3D]", "tensor(3,3): float32[2D]", "g: double[20,30]".
/// Without a colon the type is double and the rank 2. Throws FieldError (invalid-description) at the place that
/// cannot be read.
CPPSTENCILS_EXPORT std::vector<Field> fields(std::string_view description, const Layout& layout = Layout::c());

namespace detail {
[[noreturn]] CPPSTENCILS_EXPORT void fail_field_count(std::string_view description, std::size_t expected,
                                                      std::size_t given);
}

/// The same for a known number of fields: `auto [u, v] = fields<2>("u, v: double[2D]");`
template <std::size_t Count>
std::array<Field, Count> fields(std::string_view description, const Layout& layout = Layout::c()) {
  const std::vector<Field> list = fields(description, layout);
  if (list.size() != Count) detail::fail_field_count(description, Count, list.size());
  return [&]<std::size_t... I>(std::index_sequence<I...>) { return std::array<Field, Count>{list[I]...}; }
  (std::make_index_sequence<Count>());
}

}  // namespace cppstencils
