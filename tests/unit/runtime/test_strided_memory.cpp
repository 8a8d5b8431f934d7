#include "runtime/strided_memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace cppstencils::runtime {
namespace {

constexpr std::int64_t giga = std::int64_t{1} << 30;

TEST(StridedMemory, ComponentsOfALargeArrayAreApart) {
  // Arrays of structures of three doubles: no component meets another one, however many cells there are.
  StridedMemory first{0x10000, 8, 3, {2048, 2048, 1024}, {24 * giga / 512, 24 * 1024, 24}};
  StridedMemory second = first;
  second.base += 8;
  EXPECT_EQ(common_bytes(first, second), Sharing::none);
  second.base += 16;
  EXPECT_EQ(common_bytes(first, second), Sharing::some);
}

TEST(StridedMemory, HalvesOfLargeArraysAreApart) {
  constexpr std::int64_t rows = 1 << 20;
  constexpr std::int64_t row_bytes = 8 << 10;
  const StridedMemory left{0x10000, 8, 2, {rows, 512}, {row_bytes, 8}};
  StridedMemory right = left;
  right.base += row_bytes / 2;
  EXPECT_EQ(common_bytes(left, right), Sharing::none);
  right.extents[1] += 1;
  EXPECT_EQ(common_bytes(left, right), Sharing::some);
  // The right half seen from the other end.
  right = left;
  right.base += row_bytes * (rows - 1) + row_bytes / 2;
  right.byte_strides = {-row_bytes, 8};
  EXPECT_EQ(common_bytes(left, right), Sharing::none);
  right.byte_strides = {-row_bytes + 8, 8};
  EXPECT_EQ(common_bytes(left, right), Sharing::some);
}

TEST(StridedMemory, ElementsOfOtherSizes) {
  const StridedMemory doubles{0x1000, 8, 1, {100}, {16}};
  StridedMemory floats{0x1008, 4, 1, {100}, {16}};
  EXPECT_EQ(common_bytes(doubles, floats), Sharing::none);
  floats.base = 0x1004;
  EXPECT_EQ(common_bytes(doubles, floats), Sharing::some);
}

TEST(StridedMemory, SingleElements) {
  for (const std::int64_t size : {1, 2, 4, 8}) {
    const StridedMemory one{0x1000, size, 2, {1, 1}, {0, 0}};
    StridedMemory other = one;
    EXPECT_EQ(common_bytes(one, other), Sharing::some);
    other.base = static_cast<std::uintptr_t>(0x1000 + size);
    EXPECT_EQ(common_bytes(one, other), Sharing::none);
    other.base = static_cast<std::uintptr_t>(0x1000 - size);
    EXPECT_EQ(common_bytes(one, other), Sharing::none);
    EXPECT_EQ(repeated_elements(one), Sharing::none);
  }
}

TEST(StridedMemory, NestedStridesAreDistinct) {
  EXPECT_EQ(repeated_elements({0x1000, 8, 3, {100, 50, 20}, {8000, 160, 8}}), Sharing::none);
  EXPECT_EQ(repeated_elements({0x1000, 8, 3, {100, 50, 20}, {8, 800, 40000}}), Sharing::none);
  EXPECT_EQ(repeated_elements({0x1000, 8, 2, {100, 50}, {-400, 8}}), Sharing::none);
  EXPECT_EQ(repeated_elements({0x1000, 8, 2, {100, 50}, {392, 8}}), Sharing::some);
  EXPECT_EQ(repeated_elements({0x1000, 8, 2, {100, 50}, {0, 8}}), Sharing::some);
  // A stride along which there is one element does not count.
  EXPECT_EQ(repeated_elements({0x1000, 8, 2, {1, 50}, {0, 8}}), Sharing::none);
  // Strides that are not nested, and distinct all the same: 3a + 2b with a < 2, b < 3.
  EXPECT_EQ(repeated_elements({0x1000, 1, 2, {2, 3}, {3, 2}}), Sharing::none);
}

TEST(StridedMemory, NestedStridesNeedNoSearch) {
  // Dense with gaps, in every order of the axes, some backwards; one stride less and a search would be needed.
  std::array<int, 4> order = {0, 1, 2, 3};
  const std::int64_t extents[] = {5, 7, 11, 13};
  const std::int64_t strides[] = {8, -8 * 5, 8 * 40, 8 * 441};
  do {
    StridedMemory memory{0x100000, 8, 4};
    for (std::size_t axis = 0; axis < 4; ++axis) {
      memory.extents[axis] = extents[order[axis]];
      memory.byte_strides[axis] = strides[order[axis]];
    }
    EXPECT_EQ(repeated_elements(memory, 0), Sharing::none);
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(repeated_elements({0x1000, 8, 2, {5, 7}, {8, 32}}, 0), Sharing::unknown);
  EXPECT_EQ(repeated_elements({0x1000, 8, 2, {5, 7}, {8, 0}}, 0), Sharing::some);
}

TEST(StridedMemory, GivesUpOnHardQuestions) {
  // Eight large strides without a common divisor against eight others.
  const StridedMemory one{1'000'000'000'000,
                          1,
                          8,
                          {997, 991, 983, 977, 971, 967, 953, 947},
                          {1000003, 1000033, 1000037, 1000039, 1000081, 1000099, 1000117, 1000121}};
  StridedMemory other = one;
  other.base += 1;
  for (int axis = 0; axis < 8; ++axis) other.byte_strides[static_cast<std::size_t>(axis)] += 2'000'000'000;
  // Whatever the answer, it comes within the effort, and little effort gives none.
  EXPECT_EQ(common_bytes(one, other, 1), Sharing::unknown);
  (void)common_bytes(one, other);
}

}  // namespace
}  // namespace cppstencils::runtime
