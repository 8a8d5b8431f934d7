#include "cppstencils/field/field.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cppstencils/support/error.hpp"
#include "sym/identifier.hpp"

namespace cppstencils {

namespace {

// More than any stencil needs, and far from where index arithmetic could overflow.
constexpr std::int64_t max_offset = 2'147'483'647;

// "1 offset", "2 offsets".
std::string counted(std::size_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

}  // namespace

FieldAccess::FieldAccess(std::shared_ptr<const sym::FieldInfo> field, std::vector<std::int64_t> offsets)
    : field_(std::move(field)), offsets_(std::move(offsets)) {}

FieldAccess FieldAccess::at_index(std::span<const std::int64_t> index) const {
  const std::vector<std::int64_t>& shape = field_->index_shape;
  if (index.size() != shape.size()) {
    throw FieldError(
        {.code = ErrorCode::field_index,
         .message = fmt::format("Field '{}' has {} but is accessed with {}.", field_->name,
                                counted(shape.size(), "index dimension"), counted(index.size(), "index value")),
         .hints = {shape.empty()
                       ? fmt::format("Drop the index: '{}' is a scalar field.", field_->name)
                       : fmt::format("Give one value per index dimension of shape ({}).", fmt::join(shape, ","))}});
  }
  for (std::size_t i = 0; i < index.size(); ++i) {
    if (index[i] < 0 || index[i] >= shape[i]) {
      throw FieldError(
          {.code = ErrorCode::field_index,
           .message = fmt::format("Index {} of field '{}' is outside index dimension {}, which has {}.", index[i],
                                  field_->name, i, shape[i] == 1 ? "1 entry" : fmt::format("{} entries", shape[i])),
           .hints = {fmt::format("Use an index from 0 to {}.", shape[i] - 1)}});
    }
  }
  FieldAccess result = *this;
  result.index_.assign(index.begin(), index.end());
  return result;
}

Expr FieldAccess::expr() const {
  if (index_.size() != field_->index_shape.size()) {
    throw FieldError(
        {.code = ErrorCode::field_index,
         .message = fmt::format("Field '{}' has {} but is accessed without an index.", field_->name,
                                counted(field_->index_shape.size(), "index dimension")),
         .hints = {fmt::format("Append the index, as in {}({})({}).", field_->name, fmt::join(offsets_, ", "),
                               fmt::join(std::vector<int>(field_->index_shape.size(), 0), ", "))}});
  }
  return Expr(sym::Node{sym::Access{field_, offsets_, index_}});
}

namespace {

void check_name(std::string_view name) {
  if (auto fault = sym::identifier_fault("field", name)) throw FieldError(std::move(*fault));
}

void check_extents(std::string_view name, std::string_view what, const std::vector<std::int64_t>& extents) {
  for (const std::int64_t extent : extents) {
    if (extent < 1) {
      throw FieldError({.code = ErrorCode::field_rank,
                        .message = fmt::format("Field '{}' has an extent of {} in its {} [{}].", name, extent, what,
                                               fmt::join(extents, ",")),
                        .hints = {"Extents are 1 or more."}});
    }
  }
}

}  // namespace

Field::Field(std::string_view name, int rank, const FieldOptions& options) {
  check_name(name);
  if (rank < 1 || rank > 4) {
    throw FieldError({.code = ErrorCode::field_rank,
                      .message = fmt::format("Field '{}' is declared with {} spatial dimensions.", name, rank),
                      .hints = {"Use 1 to 4 spatial dimensions; further ones are index dimensions."}});
  }
  if (static_cast<std::size_t>(rank) + options.index_shape.size() > static_cast<std::size_t>(max_array_rank)) {
    throw FieldError(
        {.code = ErrorCode::field_rank,
         .message = fmt::format("Field '{}' has {} dimensions, but arrays have at most {}.", name,
                                static_cast<std::size_t>(rank) + options.index_shape.size(), max_array_rank)});
  }
  check_extents(name, "index shape", options.index_shape);
  if (options.shape) {
    check_extents(name, "shape", *options.shape);
    if (options.shape->size() != static_cast<std::size_t>(rank)) {
      throw FieldError({.code = ErrorCode::field_rank,
                        .message = fmt::format("Field '{}' has {}, but its shape has {}.", name,
                                               counted(static_cast<std::size_t>(rank), "spatial dimension"),
                                               counted(options.shape->size(), "extent"))});
    }
  }
  info_ = std::make_shared<const sym::FieldInfo>(
      sym::FieldInfo{std::string(name), options.dtype, rank, options.index_shape, options.shape,
                     options.layout.order(rank, static_cast<int>(options.index_shape.size()))});
}

FieldAccess Field::at(std::span<const std::int64_t> offsets) const {
  if (offsets.size() != static_cast<std::size_t>(info_->rank)) {
    throw FieldError({.code = ErrorCode::field_rank,
                      .message = fmt::format("Field '{}' has {} but is accessed with {}.", info_->name,
                                             counted(static_cast<std::size_t>(info_->rank), "spatial dimension"),
                                             counted(offsets.size(), "offset")),
                      .hints = {"Give one offset per spatial dimension; an index follows in parentheses of its own."}});
  }
  for (const std::int64_t offset : offsets) {
    if (offset < -max_offset || offset > max_offset) {
      throw FieldError({.code = ErrorCode::field_index,
                        .message = fmt::format("Field '{}' is accessed at offset {}.", info_->name, offset),
                        .hints = {fmt::format("Offsets reach from -{0} to {0}.", max_offset)}});
    }
  }
  return FieldAccess(info_, {offsets.begin(), offsets.end()});
}

FieldAccess Field::center() const {
  return FieldAccess(info_, std::vector<std::int64_t>(static_cast<std::size_t>(info_->rank), 0));
}

FieldAccess Field::neighbor(int dimension, std::int64_t offset) const {
  if (dimension < 0 || dimension >= info_->rank) {
    throw FieldError({.code = ErrorCode::field_rank,
                      .message = fmt::format("Field '{}' has no dimension {}.", info_->name, dimension),
                      .hints = {fmt::format("Its dimensions are numbered from 0 to {}.", info_->rank - 1)}});
  }
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(info_->rank), 0);
  offsets[static_cast<std::size_t>(dimension)] = offset;
  return at(offsets);
}

}  // namespace cppstencils
