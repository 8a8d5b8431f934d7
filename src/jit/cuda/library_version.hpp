#pragma once

#include <compare>

namespace cppstencils::jit {

/// A version of a library.
struct LibraryVersion {
  int major = 0;
  int minor = 0;
  auto operator<=>(const LibraryVersion&) const = default;
};

}  // namespace cppstencils::jit
