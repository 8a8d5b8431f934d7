#pragma once

#include <cstdint>
#include <span>

namespace cppstencils::detail {

/// Throws ArgumentError (argument-rank, argument-size) for extents that no array has.
void check_extents(std::span<const std::int64_t> extents);
bool has_elements(std::span<const std::int64_t> extents);
[[noreturn]] void fail_size(std::span<const std::int64_t> extents);

}  // namespace cppstencils::detail
