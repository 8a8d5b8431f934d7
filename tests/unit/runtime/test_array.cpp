#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <set>

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
    // Behind one ghost layer where rows are long.
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(array.data() + (extents.back() >= 64 ? 1 : 0)) % 64, 0u);
    EXPECT_TRUE(array.is_dense());
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

template <class T>
std::uintptr_t place(const Array<T>& array, std::int64_t element, std::uintptr_t unit) {
  return reinterpret_cast<std::uintptr_t>(array.data() + element) % unit;
}

TEST(Array, LongRowsArePaddedToLines) {
  EXPECT_EQ(Array<double>({20, 101}).strides(), (Extents{104, 1}));
  EXPECT_EQ(Array<float>({20, 201}).strides(), (Extents{208, 1}));
  EXPECT_EQ(Array<double>({101, 20}, Layout::f()).strides(), (Extents{1, 104}));
  EXPECT_EQ(Array<double>({5, 20, 101}).strides(), (Extents{2080, 104, 1}));
  // A row of records is padded as a whole.
  EXPECT_EQ(Array<double>({20, 101, 3}, Layout::c(), 1).strides(), (Extents{304, 3, 1}));
  // Not where an eighth would not do, and not where there is one row only.
  EXPECT_EQ(Array<double>({20, 63}).strides(), (Extents{63, 1}));
  EXPECT_EQ(Array<double>({1, 101}).strides(), (Extents{101, 1}));
  EXPECT_EQ(Array<double>({20, 101}, {.padding = Padding::none}).strides(), (Extents{101, 1}));
  // A distance of 4096 bytes, or a multiple of it, is avoided.
  EXPECT_EQ(Array<double>({20, 512}).strides(), (Extents{520, 1}));
  EXPECT_EQ(Array<double>({20, 30, 1024}).strides(), (Extents{1032 * 30, 1032, 1}));
  EXPECT_EQ(Array<double>({20, 64, 64}).strides(), (Extents{4096 + 8, 64, 1}));
}

TEST(Array, TheFirstCellOfARowBeginsALine) {
  for (const std::int64_t layers : {0, 1, 2, 3, 8, 9, -1}) {
    const Array<double> array({20, 101}, {.ghost_layers = layers});
    for (std::int64_t y = 0; y < 20; ++y) EXPECT_EQ(place(array, y * array.strides()[0] + layers, 64), 0u);
    const Array<float> records({20, 101, 3}, {.index_rank = 1, .ghost_layers = layers});
    EXPECT_EQ(place(records, 3 * layers, 64), 0u);
    EXPECT_EQ(place(Array<double>({20, 101}, {.padding = Padding::none, .ghost_layers = layers}), 0, 64), 0u);
  }
}

TEST(Array, ComponentsAreAtDifferentPlacesOfTheirPages) {
  for (const std::int64_t n : {8, 16, 17, 32, 40}) {
    const Array<double> array({n, n, n, 19}, Layout::soa(), 1);
    std::set<std::uintptr_t> places;
    for (std::int64_t i = 0; i < 19; ++i) {
      EXPECT_EQ(place(array, i * array.strides()[3], 64), place(array, 0, 64));
      places.insert(place(array, i * array.strides()[3], 4096) / 64);
    }
    EXPECT_EQ(places.size(), 19u) << n;
  }
}

TEST(Array, PaddingCostsAtMostAnEighthPerDimension) {
  for (std::int64_t x = 1; x < 700; ++x) {
    const Array<double> array({3, 2, x});
    EXPECT_LE(8 * array.strides()[1], 9 * x) << x;
    EXPECT_LE(8 * array.strides()[0], 9 * 2 * array.strides()[1]) << x;
  }
}

TEST(Array, PaddedArraysCopyAndFill) {
  Array<double> array({5, 101}, {.ghost_layers = 2});
  EXPECT_FALSE(array.is_dense());
  array.fill(3);
  array(4, 100) = 5;
  const Array<double> copy = array;
  EXPECT_EQ(copy.strides(), array.strides());
  EXPECT_EQ(place(copy, 2, 64), 0u);
  double sum = 0;
  for (int y = 0; y < 5; ++y) {
    for (int x = 0; x < 101; ++x) sum += copy(y, x);
  }
  EXPECT_EQ(sum, 3 * (5 * 101 - 1) + 5);
}

TEST(Array, LargeArraysAreWrittenInParts) {
  for (const int threads : {1, 2, 5}) {
    // The populations of a lattice: the slowest dimension is the population, parts are slabs of each.
    Array<float> array({61, 33, 300, 19},
                       {.layout = Layout(std::vector<int>{3, 0, 1, 2}), .index_rank = 1, .threads = threads});
    array.fill(2);
    const Array<float> copy = array;
    bool same = true;
    for (std::int64_t i = 0; i < 19; ++i) {
      for (std::int64_t z = 0; z < 61; ++z) {
        for (std::int64_t y = 0; y < 33; ++y) {
          for (std::int64_t x = 0; x < 300; ++x) same = same && array(z, y, x, i) == 2 && copy(z, y, x, i) == 2;
        }
      }
    }
    EXPECT_TRUE(same);
    const Array<std::int32_t> zero({3, 4000, 4000}, {.threads = threads});
    EXPECT_EQ(std::count(zero.data(), zero.data() + zero.strides()[0] * 2 + zero.strides()[1] * 3999, 0),
              zero.strides()[0] * 2 + zero.strides()[1] * 3999);
  }
}

TEST(Array, RefusesOptionsThatDoNotFit) {
  EXPECT_EQ(code_of([] { (void)Array<double>({2, 3}, {.index_rank = 3}); }), "argument-rank");
  EXPECT_EQ(code_of([] { (void)Array<double>({2, 3}, {.index_rank = -1}); }), "argument-rank");
  EXPECT_EQ(code_of([] { (void)Array<double>({2, 3}, {.threads = 0}); }), "argument-size");
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
