#include "cppstencils/field/field.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cppstencils/support/error.hpp"

namespace cppstencils {

FieldAccess::FieldAccess(std::shared_ptr<const sym::FieldInfo> field, std::vector<std::int64_t> offsets)
    : field_(std::move(field)), offsets_(std::move(offsets)) {}

FieldAccess FieldAccess::at_index(std::span<const std::int64_t> index) const {
  const std::vector<std::int64_t>& shape = field_->index_shape;
  if (index.size() != shape.size()) {
    throw FieldError({.code = ErrorCode::field_index,
                      .message = fmt::format("Field '{}' has {} index dimensions but is accessed with {} index values.",
                                             field_->name, shape.size(), index.size()),
                      .hints = {shape.empty() ? fmt::format("Drop the index: '{}' is a scalar field.", field_->name)
                                              : fmt::format("Give one value per index dimension of shape ({}).",
                                                            fmt::join(shape, ","))}});
  }
  for (std::size_t i = 0; i < index.size(); ++i) {
    if (index[i] < 0 || index[i] >= shape[i]) {
      throw FieldError({.code = ErrorCode::field_index,
                        .message = fmt::format("Index {} of field '{}' is outside its index dimension {}, which has {} "
                                               "entries.",
                                               index[i], field_->name, i, shape[i]),
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
         .message = fmt::format("Field '{}' has {} index dimensions but is accessed without an index.", field_->name,
                                field_->index_shape.size()),
         .hints = {fmt::format("Append the index, as in {}({})(0).", field_->name, fmt::join(offsets_, ", "))}});
  }
  return Expr(sym::Node{sym::Access{field_, offsets_, index_}});
}

namespace {

void check_name(std::string_view name) {
  // A symbol obeys the same rule and gives the same message.
  try {
    (void)Symbol(name);
  } catch (const ExpressionError&) {
    throw FieldError({.code = ErrorCode::invalid_name,
                      .message = fmt::format("The field name '{}' is not an identifier.", name),
                      .hints = {"Use letters, digits and '_', and no digit first."}});
  }
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
                      .message = fmt::format("Field '{}' has {} spatial dimensions.", name, rank),
                      .hints = {"Use 1 to 4 spatial dimensions; further ones are index dimensions."}});
  }
  constexpr std::size_t max_dimensions = 8;
  if (static_cast<std::size_t>(rank) + options.index_shape.size() > max_dimensions) {
    throw FieldError(
        {.code = ErrorCode::field_rank,
         .message = fmt::format("Field '{}' has {} dimensions, but arrays have at most {}.", name,
                                static_cast<std::size_t>(rank) + options.index_shape.size(), max_dimensions)});
  }
  check_extents(name, "index shape", options.index_shape);
  if (options.shape) {
    check_extents(name, "shape", *options.shape);
    if (options.shape->size() != static_cast<std::size_t>(rank)) {
      throw FieldError({.code = ErrorCode::field_rank,
                        .message = fmt::format("Field '{}' has {} spatial dimensions, but its shape has {} extents.",
                                               name, rank, options.shape->size())});
    }
  }
  info_ = std::make_shared<const sym::FieldInfo>(
      sym::FieldInfo{std::string(name), options.dtype, rank, options.index_shape, options.shape,
                     options.layout.order(rank, static_cast<int>(options.index_shape.size()))});
}

FieldAccess Field::at(std::span<const std::int64_t> offsets) const {
  if (offsets.size() != static_cast<std::size_t>(info_->rank)) {
    throw FieldError({.code = ErrorCode::field_rank,
                      .message = fmt::format("Field '{}' has {} spatial dimensions but is accessed with {} offsets.",
                                             info_->name, info_->rank, offsets.size()),
                      .hints = {"Give one offset per spatial dimension; an index follows in parentheses of its own."}});
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
  return FieldAccess(info_, std::move(offsets));
}

}  // namespace cppstencils
