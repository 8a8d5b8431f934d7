#pragma once

#include <cstdint>

namespace cppstencils::ir {

/// How the elements along the fastest loop dimension lie in memory.
enum class InnerStride : std::uint8_t {
  /// Neighbours of every buffer are neighbours in memory.
  unit,
  any,
};

/// How results go to memory.
enum class StorePolicy : std::uint8_t {
  /// Through the caches, which first read the line that is written.
  cached,
  /// Whole cache lines past the caches, where that is possible. Only with `InnerStride::unit`, and with the promise
  /// that the elements that a cell writes to buffers which it does not read lie equally far from a border of 64 bytes.
  streaming,
};

/// What code may assume about the arrays of a call. Which variant runs never changes a bit of the result.
struct Variant {
  InnerStride inner_stride = InnerStride::any;
  StorePolicy stores = StorePolicy::cached;
  bool operator==(const Variant&) const = default;
};

}  // namespace cppstencils::ir
