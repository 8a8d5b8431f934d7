#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cppstencils/field/field.hpp"
#include "cppstencils/support/error.hpp"

namespace cppstencils {

Layout::Layout(std::string_view name) : named_(Named::c) {
  if (name == "c") {
    named_ = Named::c;
  } else if (name == "f") {
    named_ = Named::f;
  } else if (name == "soa" || name == "fzyx") {
    named_ = Named::soa;
  } else if (name == "aos" || name == "zyxf") {
    named_ = Named::aos;
  } else {
    throw FieldError({.code = ErrorCode::field_layout,
                      .message = fmt::format("There is no layout named '{}'.", name),
                      .hints = {"Use 'c', 'f', 'soa' (or 'fzyx'), 'aos' (or 'zyxf'), or an explicit order."}});
  }
}

Layout::Layout(std::vector<int> order) : named_(Named::explicit_order), order_(std::move(order)) {}

std::vector<int> Layout::order(int rank, int index_rank) const {
  const int dimensions = rank + index_rank;
  std::vector<int> result(static_cast<std::size_t>(dimensions));
  std::iota(result.begin(), result.end(), 0);
  const auto first_index = result.begin() + rank;
  switch (named_) {
    case Named::c:
      return result;
    case Named::f:
      std::reverse(result.begin(), result.end());
      return result;
    case Named::soa:
      std::reverse(result.begin(), first_index);
      std::rotate(result.begin(), first_index, result.end());
      return result;
    case Named::aos:
      std::reverse(result.begin(), first_index);
      return result;
    case Named::explicit_order: {
      std::vector<int> sorted = order_;
      std::sort(sorted.begin(), sorted.end());
      if (sorted != result) {
        throw FieldError(
            {.code = ErrorCode::field_layout,
             .message = fmt::format("The layout [{}] does not order {} spatial and {} index dimensions.",
                                    fmt::join(order_, ","), rank, index_rank),
             .hints = {fmt::format("Name every dimension from 0 to {} once, from the slowest to the fastest.",
                                   dimensions - 1)}});
      }
      return order_;
    }
  }
  return result;
}

}  // namespace cppstencils
