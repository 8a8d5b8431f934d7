#pragma once

#include <cstdint>
#include <string_view>

#include "cppstencils/support/export.hpp"

namespace cppstencils {

/// How the values of all cells become one number. The number that the caller passes takes part: it is combined last.
enum class ReductionOp : std::uint8_t {
  add,
  /// The caller's number minus the sum of all values.
  subtract,
  multiply,
  /// NaN if a value is NaN.
  minimum,
  maximum,
};
CPPSTENCILS_EXPORT std::string_view to_string(ReductionOp op);

}  // namespace cppstencils
