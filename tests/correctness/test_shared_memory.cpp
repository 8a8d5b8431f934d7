// Arrays that share memory, where that is allowed: the result is that of arrays of their own, on every JIT.

#include <gtest/gtest.h>

#include "cppstencils/cppstencils.hpp"
#include "support/jits.hpp"

namespace cppstencils {
namespace {

class SharedMemory : public ::testing::Test {
 protected:
  static constexpr std::int64_t rows = 7;
  static constexpr std::int64_t columns = 67;

  static Array<double> numbers(std::int64_t first) {
    Array<double> array({rows, columns}, {.padding = Padding::none});
    for (std::int64_t i = 0; i < array.size(); ++i) array.data()[i] = static_cast<double>((i * 37 + first) % 1009);
    return array;
  }
  static void expect_equal(const ArrayView<const double>& expected, const ArrayView<const double>& actual) {
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < columns; ++j) ASSERT_EQ(expected(i, j), actual(i, j)) << i << " " << j;
    }
  }

  std::vector<testing::NamedJit> jits_ = testing::all_jits();
};

TEST_F(SharedMemory, InPlaceReadsBeforeItWrites) {
  // b is stored first, c needs the old value of a.
  const auto [a, b, c, d] = fields<4>("a, b, c, d: double[2D]");
  const KernelFunction kernel = create_kernel({assign(b(0, 0), d(0, 0) + 1), assign(c(0, 0), a(0, 0) * 2 + d(0, 1))});
  for (const auto& [name, jit] : jits_) {
    SCOPED_TRACE(name);
    const CompiledKernel compiled = jit->compile(kernel);
    const Array<double> source = numbers(5);
    const Array<double> old = numbers(11);
    Array<double> separate({rows, columns}, {.padding = Padding::none});
    Array<double> separate_c({rows, columns}, {.padding = Padding::none});
    compiled({{"a", old}, {"b", separate}, {"c", separate_c}, {"d", source}});
    Array<double> shared = numbers(11);
    Array<double> shared_c({rows, columns}, {.padding = Padding::none});
    compiled({{"a", shared}, {"b", shared}, {"c", shared_c}, {"d", source}});
    expect_equal(std::as_const(separate_c).view(), std::as_const(shared_c).view());
    for (std::int64_t i = 1; i < rows - 1; ++i) {
      for (std::int64_t j = 1; j < columns - 1; ++j) ASSERT_EQ(shared(i, j), source(i, j) + 1);
    }
    EXPECT_EQ(shared(0, 0), old(0, 0));
  }
}

TEST_F(SharedMemory, ComponentsOfOneArray) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  const KernelFunction kernel = create_kernel(assign(v(0, 0), u(1, 0) + u(-1, 0) + u(0, 1) + u(0, -1)));
  for (const auto& [name, jit] : jits_) {
    SCOPED_TRACE(name);
    const CompiledKernel compiled = jit->compile(kernel);
    Array<double> source = numbers(3);
    Array<double> target({rows, columns}, {.padding = Padding::none});
    compiled({{"u", source}, {"v", target}});
    for (const bool side_by_side : {false, true}) {
      Array<double> both({rows, 2 * columns}, {.padding = Padding::none});
      const std::int64_t step = side_by_side ? 1 : 2;
      const ArrayView<double> first(both.data(), {rows, columns}, {2 * columns, step});
      const ArrayView<double> second(both.data() + (side_by_side ? columns : 1), {rows, columns}, {2 * columns, step});
      for (std::int64_t i = 0; i < rows; ++i) {
        for (std::int64_t j = 0; j < columns; ++j) first(i, j) = source(i, j);
      }
      compiled({{"u", first}, {"v", second}});
      const ArrayView<const double> result(second.data(), second.extents(), second.strides());
      const ArrayView<const double> unchanged(first.data(), first.extents(), first.strides());
      expect_equal(std::as_const(target).view(), result);
      expect_equal(std::as_const(source).view(), unchanged);
    }
  }
}

TEST_F(SharedMemory, OneArrayForTwoInputs) {
  const auto [u, v, w] = fields<3>("u, v, w: double[2D]");
  const KernelFunction kernel = create_kernel(assign(w(0, 0), u(1, 0) - v(0, -1)));
  for (const auto& [name, jit] : jits_) {
    SCOPED_TRACE(name);
    const CompiledKernel compiled = jit->compile(kernel);
    const Array<double> source = numbers(3);
    const Array<double> copy = source;
    Array<double> expected({rows, columns}, {.padding = Padding::none});
    Array<double> actual({rows, columns}, {.padding = Padding::none});
    compiled({{"u", source}, {"v", copy}, {"w", expected}});
    compiled({{"u", source}, {"v", source}, {"w", actual}});
    expect_equal(std::as_const(expected).view(), std::as_const(actual).view());
  }
}

}  // namespace
}  // namespace cppstencils
