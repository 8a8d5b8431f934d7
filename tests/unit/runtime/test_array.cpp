#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>

#include "cppstencils/runtime/arguments.hpp"
#include "cppstencils/runtime/array.hpp"
#include "cppstencils/support/error.hpp"

namespace cppstencils {
namespace {

using Extents = std::vector<std::int64_t>;

template <class Action>
std::string code_of(Action&& action) {
  try {
    action();
    return "none";
  } catch (const ArgumentError& error) {
    return to_string(error.code());
  }
}

TEST(Array, IsZeroAndAligned) {
  for (const Extents& extents : {Extents{1}, {7}, {3, 5}, {2, 3, 4, 5}, {1 << 20}, {0}, {4, 0}}) {
    const Array<double> array(extents);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(array.data()) % 64, 0u);
    EXPECT_NE(array.data(), nullptr);
    EXPECT_EQ(array.extents(), extents);
    std::int64_t size = 1;
    for (const std::int64_t extent : extents) size *= extent;
    ASSERT_EQ(array.size(), size);
    for (std::int64_t i = 0; i < size; ++i) ASSERT_EQ(array.data()[i], 0.0);
  }
}

TEST(Array, LayoutsGiveStrides) {
  EXPECT_EQ(Array<float>({3, 4, 5}).strides(), (Extents{20, 5, 1}));
  EXPECT_EQ(Array<float>({3, 4, 5}, Layout::f()).strides(), (Extents{1, 3, 12}));
  EXPECT_EQ(Array<float>({3, 4, 5}, Layout(std::vector<int>{1, 0, 2})).strides(), (Extents{5, 15, 1}));
  // Two spatial dimensions and an index dimension of 9.
  EXPECT_EQ(Array<float>({3, 4, 9}, Layout::soa(), 1).strides(), (Extents{1, 3, 12}));
  EXPECT_EQ(Array<float>({3, 4, 9}, Layout::aos(), 1).strides(), (Extents{9, 27, 1}));
  // An empty array has the strides of one with a cell there.
  EXPECT_EQ(Array<float>({3, 0, 5}).strides(), (Extents{5, 5, 1}));
}

TEST(Array, ElementsByCoordinates) {
  for (const Layout& layout : {Layout::c(), Layout::f()}) {
    Array<int> array({3, 4}, layout);
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 4; ++j) array(i, j) = 10 * i + j;
    }
    const Array<int>& constant = array;
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 4; ++j) {
        EXPECT_EQ(constant(i, j), 10 * i + j);
        EXPECT_EQ(constant.at(i, j), 10 * i + j);
        EXPECT_EQ(array.data()[i * array.strides()[0] + j * array.strides()[1]], 10 * i + j);
      }
    }
  }
}

TEST(Array, AtRefusesCoordinatesOutside) {
  Array<int> array({3, 4});
  EXPECT_EQ(code_of([&] { (void)array.at(2, 3); }), "none");
  EXPECT_EQ(code_of([&] { (void)array.at(3, 0); }), "out-of-bounds");
  EXPECT_EQ(code_of([&] { (void)array.at(0, 4); }), "out-of-bounds");
  EXPECT_EQ(code_of([&] { (void)array.at(-1, 0); }), "out-of-bounds");
  EXPECT_EQ(code_of([&] { (void)array.at(1); }), "out-of-bounds");
  EXPECT_EQ(code_of([&] { (void)array.at(1, 1, 0); }), "out-of-bounds");
  EXPECT_EQ(code_of([&] { (void)array.at(std::uint64_t{1} << 63, 0); }), "out-of-bounds");
  Array<int> empty({0});
  EXPECT_EQ(code_of([&] { (void)empty.at(0); }), "out-of-bounds");
}

TEST(Array, CopiesAndMoves) {
  Array<int> array({2, 3}, Layout::f());
  std::iota(array.data(), array.data() + 6, 1);
  Array<int> copy = array;
  EXPECT_NE(copy.data(), array.data());
  EXPECT_EQ(copy.strides(), array.strides());
  EXPECT_TRUE(std::equal(array.data(), array.data() + 6, copy.data()));
  copy(1, 2) = 100;
  EXPECT_EQ(array(1, 2), 6);

  const int* const place = array.data();
  Array<int> moved = std::move(array);
  EXPECT_EQ(moved.data(), place);
  Array<int> other({5});
  other = copy;
  EXPECT_EQ(other.extents(), copy.extents());
  EXPECT_EQ(other(1, 2), 100);
  const Array<int>& itself = other;
  other = itself;
  EXPECT_EQ(other(1, 2), 100);

  swap(moved, copy);
  EXPECT_EQ(copy.data(), place);
  EXPECT_EQ(moved(1, 2), 100);
}

TEST(Array, Fill) {
  Array<float> array({3, 3});
  array.fill(2.5f);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(array.data()[i], 2.5f);
}

TEST(Array, RefusesSizesThatDoNotExist) {
  EXPECT_EQ(code_of([] { (void)Array<double>({-1}); }), "argument-size");
  EXPECT_EQ(code_of([] { (void)Array<double>({2, -3}); }), "argument-size");
  EXPECT_EQ(code_of([] { (void)Array<double>({std::int64_t{1} << 60}); }), "argument-size");
  EXPECT_EQ(code_of([] { (void)Array<double>({std::int64_t{1} << 32, std::int64_t{1} << 32}); }), "argument-size");
  EXPECT_EQ(code_of([] { (void)Array<bool>({std::numeric_limits<std::int64_t>::max()}); }), "argument-size");
  EXPECT_EQ(code_of([] { (void)Array<bool>(std::vector<std::int64_t>(17, 1)); }), "argument-rank");
  EXPECT_EQ(Array<bool>(std::vector<std::int64_t>(16, 1)).size(), 1);
}

TEST(Array, DescribesItself) {
  Array<float> array({3, 4});
  const ArrayRef ref = array;
  EXPECT_EQ(ref.data, array.data());
  EXPECT_EQ(ref.dtype, DType::float32);
  EXPECT_EQ(ref.mutability, Mutability::writable);
  EXPECT_EQ(ref.byte_order, ByteOrder::native);
  EXPECT_EQ(ref.rank, 2);
  EXPECT_EQ(ref.extents[0], 3);
  EXPECT_EQ(ref.extents[1], 4);
  EXPECT_EQ(ref.byte_strides[0], 16);
  EXPECT_EQ(ref.byte_strides[1], 4);
  const Array<float>& constant = array;
  EXPECT_EQ(ArrayRef(constant).mutability, Mutability::read_only);
  EXPECT_EQ(ArrayRef(constant.view()).mutability, Mutability::read_only);
  EXPECT_EQ(ArrayRef(array.view()).mutability, Mutability::writable);
}

TEST(ArrayView, SeesForeignMemory) {
  std::vector<std::int32_t> memory(24);
  std::iota(memory.begin(), memory.end(), 0);
  const ArrayView<std::int32_t> dense(memory.data(), {4, 6});
  EXPECT_EQ(dense(2, 3), 15);
  const ArrayView<std::int32_t> every_second(memory.data() + 1, {4, 3}, {6, 2});
  EXPECT_EQ(every_second(2, 1), 15);
  const ArrayView<std::int32_t> backwards(memory.data() + 23, {4, 6}, {-6, -1});
  EXPECT_EQ(backwards(1, 2), 15);
  EXPECT_EQ(ArrayRef(backwards).byte_strides[0], -24);
  const ArrayView<std::int32_t> repeated(memory.data(), {5, 6}, {0, 1});
  EXPECT_EQ(&repeated(0, 2), &repeated(4, 2));
  every_second(0, 0) = -7;
  EXPECT_EQ(memory[1], -7);
  const ArrayView<const std::int32_t> read_only(memory.data(), {24});
  EXPECT_EQ(ArrayRef(read_only).mutability, Mutability::read_only);
  EXPECT_EQ(ArrayRef(read_only).dtype, DType::int32);
}

TEST(ArrayView, RefusesDescriptionsOfNoArray) {
  double memory[4] = {};
  const std::int64_t big = std::numeric_limits<std::int64_t>::max();
  const auto view = [&](Extents extents, Extents strides) {
    return code_of([&] { (void)ArrayView<double>(memory, extents, strides); });
  };
  EXPECT_EQ(view({4}, {1}), "none");
  EXPECT_EQ(view({}, {}), "none");
  EXPECT_EQ(view({2, 2}, {1}), "argument-rank");
  EXPECT_EQ(view({2}, {1, 1}), "argument-rank");
  EXPECT_EQ(view({-1}, {1}), "argument-size");
  EXPECT_EQ(view({2}, {big}), "argument-size");
  EXPECT_EQ(view({2}, {-big - 1}), "argument-size");
  EXPECT_EQ(view({big}, {1}), "argument-size");
  EXPECT_EQ(view({4}, {big / 16}), "argument-size");
  EXPECT_EQ(view({3, 3}, {big / 30, big / 30}), "argument-size");
  EXPECT_EQ(view({big / 2, 4}, {0, 0}), "argument-size");
  EXPECT_EQ(code_of([] { (void)ArrayView<double>(nullptr, {1}); }), "argument-null");
  EXPECT_EQ(code_of([] { (void)ArrayView<double>(nullptr, {0}); }), "none");
  EXPECT_EQ(code_of([] { (void)ArrayView<double>(nullptr, {3, 0, 2}); }), "none");
}

TEST(Argument, KeepsTheKindOfNumber) {
  EXPECT_EQ(*Argument("s", true).scalar(), ScalarValue(true));
  EXPECT_EQ(*Argument("s", 3).scalar(), ScalarValue(std::int64_t{3}));
  EXPECT_EQ(*Argument("s", -3L).scalar(), ScalarValue(std::int64_t{-3}));
  EXPECT_EQ(*Argument("s", std::int8_t{-3}).scalar(), ScalarValue(std::int64_t{-3}));
  EXPECT_EQ(*Argument("s", 3u).scalar(), ScalarValue(std::uint64_t{3}));
  EXPECT_EQ(*Argument("s", 0.5f).scalar(), ScalarValue(0.5));
  EXPECT_EQ(*Argument("s", 0.5).scalar(), ScalarValue(0.5));
  EXPECT_EQ(Argument("s", 0.5).array(), nullptr);
  Array<double> array({2});
  EXPECT_EQ(Argument("a", array).array()->data, array.data());
  EXPECT_EQ(Argument("a", array).scalar(), nullptr);
  EXPECT_EQ(Argument("a", array.view()).array()->data, array.data());
  EXPECT_EQ(Argument("a", ArrayRef(array)).array()->data, array.data());
}

}  // namespace
}  // namespace cppstencils
