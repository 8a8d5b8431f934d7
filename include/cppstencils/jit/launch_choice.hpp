#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace cppstencils {

/// What the caller of a GPU kernel decides about the launch of one call. No result depends on it.
struct LaunchChoice {
  /// Blocks along x, y, z. Absent: as many as the cells need.
  std::optional<std::array<std::int64_t, 3>> grid = {};
  /// Threads of a block along x, y, z. Absent: those of the kernel. Code for other ones is compiled when a call first
  /// needs it.
  std::optional<std::array<int, 3>> block = {};

  explicit operator bool() const { return grid.has_value() || block.has_value(); }
};

}  // namespace cppstencils
