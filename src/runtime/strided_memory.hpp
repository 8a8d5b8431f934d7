#pragma once

#include <array>
#include <cstdint>

#include "cppstencils/runtime/array.hpp"

namespace cppstencils::runtime {

/// The bytes of an array: elements of `element_size` bytes, base + sum of index * stride from each other. Every extent
/// is positive, and no element lies outside the address space. Strides along one element do not matter.
struct StridedMemory {
  std::uintptr_t base = 0;
  std::int64_t element_size = 1;
  int axes = 0;
  std::array<std::int64_t, max_array_rank> extents = {};
  std::array<std::int64_t, max_array_rank> byte_strides = {};
};

/// `unknown`: the question is hard for these strides and was given up.
enum class Sharing : std::uint8_t { none, some, unknown };

/// Steps of the search for common bytes before it gives up.
inline constexpr int default_search_effort = 20'000;

/// Whether an element of one array shares a byte with an element of the other.
Sharing common_bytes(const StridedMemory& one, const StridedMemory& other, int effort = default_search_effort);

/// Whether two different elements of an array share a byte. Strides are multiples of the element size.
Sharing repeated_elements(const StridedMemory& array, int effort = default_search_effort);

}  // namespace cppstencils::runtime
