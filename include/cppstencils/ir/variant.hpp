#pragma once

#include <cstdint>

namespace cppstencils::ir {

/// How the elements along the fastest loop dimension lie in memory.
enum class InnerStride : std::uint8_t {
  /// Neighbours of every buffer are neighbours in memory.
  unit,
  any,
};

/// What code may assume about the arrays of a call. Which variant runs never changes a bit of the result.
struct Variant {
  InnerStride inner_stride = InnerStride::any;
  bool operator==(const Variant&) const = default;
};

}  // namespace cppstencils::ir
