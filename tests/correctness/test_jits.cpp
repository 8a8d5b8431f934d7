// Every JIT x element type x layout x slice against plain loops.

#include <cstring>
#include <functional>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cppstencils/cppstencils.hpp"
#include "support/jits.hpp"

namespace cppstencils {
namespace {

using testing::all_jits;
using testing::NamedJit;

// Arithmetic as the kernels define it: IEEE for floats, wrapping for integers.
template <class T>
T wrap_multiply_subtract(T a, T factor, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return a * factor - b;
  } else {
    return static_cast<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(factor) -
                          static_cast<std::uint64_t>(b));
  }
}
template <class T>
T wrap_add(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return a + b;
  } else {
    return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  }
}

template <class T>
void fill_randomly(Array<T>& array, std::uint64_t seed) {
  ASSERT_TRUE(array.is_dense());
  std::mt19937_64 random(seed);
  for (std::int64_t i = 0; i < array.size(); ++i) {
    if constexpr (std::is_floating_point_v<T>) {
      array.data()[i] = static_cast<T>(std::uniform_real_distribution<double>(-2, 2)(random));
    } else {
      array.data()[i] = static_cast<T>(random());
    }
  }
}

template <class T>
void expect_same_bytes(const Array<T>& expected, const Array<T>& given) {
  ASSERT_TRUE(expected.is_dense() && given.is_dense());
  ASSERT_EQ(expected.size(), given.size());
  for (std::int64_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(std::memcmp(expected.data() + i, given.data() + i, sizeof(T)), 0)
        << "element " << i << ": expected " << +expected.data()[i] << ", got " << +given.data()[i];
  }
}

struct SliceCase {
  const char* text;
  std::array<std::int64_t, 2> start;
  std::array<std::int64_t, 2> stop;
  std::array<std::int64_t, 2> step;
};

template <class T>
class JitsOnType : public ::testing::Test {};
using AllTypes = ::testing::Types<double, float, std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t,
                                  std::uint16_t, std::uint32_t, std::uint64_t>;
TYPED_TEST_SUITE(JitsOnType, AllTypes);

TYPED_TEST(JitsOnType, StencilWithEveryLayoutAndSlice) {
  using T = TypeParam;
  constexpr std::int64_t nx = 19, ny = 37;
  const std::vector<SliceCase> slice_cases{
      {"1:-1, 1:-1", {1, 1}, {nx - 1, ny - 1}, {1, 1}},
      {"2:-1, 3:30", {2, 3}, {nx - 1, 30}, {1, 1}},
      {"1:-1:2, 1:-1:3", {1, 1}, {nx - 1, ny - 1}, {2, 3}},
      {"5, -2", {5, ny - 2}, {6, ny - 1}, {1, 1}},
  };
  const T shift = static_cast<T>(3);
  for (const char* layout : {"c", "f"}) {
    for (const SliceCase& slice : slice_cases) {
      const FieldOptions options{.dtype = dtype_of<T>(), .layout = layout};
      const Field u("u", 2, options), v("v", 2, options);
      const Symbol h("h", dtype_of<T>());
      const AssignmentList assignments = assign(v(0, 0), max(u(1, 0) * 3 - u(0, -1), u(-1, 0)) + min(u(0, 1), h));
      const ArrayOptions dense{.layout = layout, .padding = Padding::none};
      Array<T> input({nx, ny}, dense), start({nx, ny}, dense);
      fill_randomly(input, 1);
      fill_randomly(start, 2);
      Array<T> expected = start;
      for (std::int64_t i = slice.start[0]; i < slice.stop[0]; i += slice.step[0]) {
        for (std::int64_t j = slice.start[1]; j < slice.stop[1]; j += slice.step[1]) {
          const T scaled = wrap_multiply_subtract<T>(input(i + 1, j), 3, input(i, j - 1));
          const T larger = scaled > input(i - 1, j) ? scaled : input(i - 1, j);
          const T smaller = input(i, j + 1) < shift ? input(i, j + 1) : shift;
          expected(i, j) = wrap_add<T>(larger, smaller);
        }
      }
      for (const NamedJit& named : all_jits()) {
        SCOPED_TRACE(fmt::format("{} {} layout {} slice {}", named.name, to_string(dtype_of<T>()), layout, slice.text));
        const CompiledKernel kernel =
            create_kernel(assignments, {.jit = named.jit, .iteration_slice = slices(slice.text)}).compile();
        Array<T> output = start;
        kernel({{"u", input}, {"v", output}, {"h", shift}});
        expect_same_bytes(expected, output);
      }
    }
  }
}

// Any strides: the array of the call need not look like the layout of the field.
TYPED_TEST(JitsOnType, ForeignStrides) {
  using T = TypeParam;
  constexpr std::int64_t nx = 12, ny = 21;
  const FieldOptions options{.dtype = dtype_of<T>()};
  const Field u("u", 2, options), v("v", 2, options);
  const AssignmentList assignments = assign(v(0, 0), u(1, 0) - u(0, 1) * 5);
  struct View {
    const char* name;
    std::int64_t origin;
    std::vector<std::int64_t> strides;
  };
  const std::vector<View> views{
      {"dense", 0, {ny, 1}},
      {"transposed", 0, {1, nx}},
      {"padded", 3, {ny + 5, 1}},
      {"every second", 1, {2 * ny + 1, 2}},
      {"mirrored", (nx - 1) * ny + ny - 1, {-ny, -1}},
      {"mirrored and spread", (nx - 1) * 70 + 1, {-70, 3}},
  };
  for (const NamedJit& named : all_jits()) {
    const CompiledKernel kernel = create_kernel(assignments, {.jit = named.jit}).compile();
    for (const View& in : views) {
      for (const View& out : views) {
        SCOPED_TRACE(fmt::format("{} {} -> {}", named.name, in.name, out.name));
        Array<T> memory({1000}), result({1000});
        fill_randomly(memory, 3);
        fill_randomly(result, 4);
        Array<T> expected = result;
        const ArrayView<const T> source(memory.data() + in.origin, {nx, ny}, in.strides);
        const ArrayView<T> target(result.data() + out.origin, {nx, ny}, out.strides);
        const ArrayView<T> expected_view(expected.data() + out.origin, {nx, ny}, out.strides);
        for (std::int64_t i = 1; i < nx - 1; ++i) {
          for (std::int64_t j = 1; j < ny - 1; ++j) {
            if constexpr (std::is_floating_point_v<T>) {
              expected_view(i, j) = source(i + 1, j) - source(i, j + 1) * 5;
            } else {
              expected_view(i, j) = static_cast<T>(static_cast<std::uint64_t>(source(i + 1, j)) -
                                                   static_cast<std::uint64_t>(source(i, j + 1)) * 5);
            }
          }
        }
        kernel({{"u", source}, {"v", target}});
        expect_same_bytes(expected, result);
      }
    }
  }
}

TEST(Jits, BooleanFields) {
  const Field alive("alive", 2, {.dtype = DType::boolean}), next("next", 2, {.dtype = DType::boolean});
  // The game of life, whose rule needs booleans, integers and comparisons.
  Expr neighbours = 0;
  for (int i = -1; i <= 1; ++i) {
    for (int j = -1; j <= 1; ++j) {
      if (i != 0 || j != 0) neighbours += cast(DType::int32, alive(i, j));
    }
  }
  AssignmentList assignments;
  const Symbol count = assignments.define("count", neighbours);
  assignments.add(assign(next(0, 0), equal_to(count, 3) || (alive(0, 0) && equal_to(count, 2))));
  for (const NamedJit& named : all_jits()) {
    SCOPED_TRACE(named.name);
    Array<bool> board({10, 10}), after({10, 10});
    // A glider moves by one cell down and right every four generations.
    for (const auto& [i, j] : {std::pair(1, 2), {2, 3}, {3, 1}, {3, 2}, {3, 3}}) board(i, j) = true;
    const CompiledKernel kernel = create_kernel(assignments, {.jit = named.jit}).compile();
    for (int generation = 0; generation < 4; ++generation) {
      kernel({{"alive", board}, {"next", after}});
      swap(board, after);
    }
    Array<bool> expected({10, 10});
    for (const auto& [i, j] : {std::pair(2, 3), {3, 4}, {4, 2}, {4, 3}, {4, 4}}) expected(i, j) = true;
    expect_same_bytes(expected, board);
  }
}

TEST(Jits, OneToFourDimensionsAndIndexDimensions) {
  for (int rank = 1; rank <= 4; ++rank) {
    for (const char* layout : {"c", "f", "soa", "aos"}) {
      const FieldOptions vectors{.index_shape = {3}, .layout = layout};
      const Field f("f", rank, vectors), g("g", rank, {.index_shape = {2, 2}, .layout = layout});
      const auto at = [&](const Field& field, int dimension, std::int64_t offset) {
        return field.neighbor(dimension, offset);
      };
      AssignmentList assignments;
      assignments.add(assign(g.center()(0, 1), at(f, rank - 1, 1)(2) - at(f, 0, -1)(0)));
      assignments.add(assign(g.center()(1, 0), at(f, 0, 1)(1) * 2));
      std::vector<std::int64_t> extents;
      for (int d = 0; d < rank; ++d) extents.push_back(4 + d);
      std::vector<std::int64_t> f_extents = extents, g_extents = extents;
      f_extents.push_back(3);
      g_extents.insert(g_extents.end(), {2, 2});
      Array<double> input(f_extents, {.layout = layout, .index_rank = 1, .padding = Padding::none});
      Array<double> start(g_extents, {.layout = layout, .index_rank = 2, .padding = Padding::none});
      fill_randomly(input, 5);
      fill_randomly(start, 6);
      const auto position = [](const Array<double>& array, std::vector<std::int64_t> index) {
        std::int64_t offset = 0;
        for (std::size_t axis = 0; axis < index.size(); ++axis) offset += index[axis] * array.strides()[axis];
        return offset;
      };
      Array<double> expected = start;
      std::vector<std::int64_t> cell(static_cast<std::size_t>(rank), 1);
      const std::function<void(int)> loop = [&](int d) {
        if (d == rank) {
          const auto element = [&](int dimension, std::int64_t offset, std::int64_t component) {
            std::vector<std::int64_t> index = cell;
            index[static_cast<std::size_t>(dimension)] += offset;
            index.push_back(component);
            return input.data()[position(input, index)];
          };
          std::vector<std::int64_t> target = cell;
          target.insert(target.end(), {0, 1});
          expected.data()[position(expected, target)] = element(rank - 1, 1, 2) - element(0, -1, 0);
          target[target.size() - 2] = 1;
          target[target.size() - 1] = 0;
          expected.data()[position(expected, target)] = element(0, 1, 1) * 2;
          return;
        }
        auto& coordinate = cell[static_cast<std::size_t>(d)];
        for (coordinate = 1; coordinate < extents[static_cast<std::size_t>(d)] - 1; ++coordinate) loop(d + 1);
      };
      loop(0);
      for (const NamedJit& named : all_jits()) {
        SCOPED_TRACE(fmt::format("{} rank {} layout {}", named.name, rank, layout));
        Array<double> output = start;
        create_kernel(assignments, {.jit = named.jit}).compile()({{"f", input}, {"g", output}});
        expect_same_bytes(expected, output);
      }
    }
  }
}

TEST(Jits, SequentialKernelsRunInLoopOrder) {
  const Field f("f", 1);
  const AssignmentList prefix_sum = assign(f(0), f(0) + f(-1));
  for (const NamedJit& named : all_jits()) {
    SCOPED_TRACE(named.name);
    Array<double> values({1000});
    values.fill(1);
    create_kernel(prefix_sum, {.jit = named.jit, .iteration_slice = slices("1:"), .skip_independence_check = true})
        .compile()({{"f", values}});
    for (std::int64_t i = 0; i < 1000; ++i) ASSERT_EQ(values(i), static_cast<double>(i + 1));
  }
}

TEST(Jits, InPlaceUpdateThroughTwoNames) {
  auto [u, v] = fields<2>("u(2), v(2): double[1D]");
  const AssignmentList swap_components{assign(v(0)(0), u(0)(1)), assign(v(0)(1), u(0)(0))};
  for (const NamedJit& named : all_jits()) {
    SCOPED_TRACE(named.name);
    Array<double> values({50, 2});
    for (std::int64_t i = 0; i < 50; ++i) {
      values(i, 0) = static_cast<double>(i);
      values(i, 1) = static_cast<double>(-i);
    }
    create_kernel(swap_components, {.jit = named.jit}).compile()({{"u", values}, {"v", values}});
    for (std::int64_t i = 0; i < 50; ++i) {
      ASSERT_EQ(values(i, 0), static_cast<double>(-i));
      ASSERT_EQ(values(i, 1), static_cast<double>(i));
    }
  }
}

TEST(Jits, CoordinatesCastsAndFunctionsAgreeBitwise) {
  auto [u, v] = fields<2>("u, v: double[2D]");
  const Symbol w("w");
  const Expr x = cast(DType::float64, coordinate(0)), y = cast(DType::float64, coordinate(1));
  const Expr wave = sin(x * w) * exp(-y / 7) + pow(abs(u(1, 0)) + 1, w) + atan2(u(0, 1), x + 1) + tanh(u(0, 0)) +
                    log(abs(u(0, -1)) + 1) + floor(u(0, 0) * 3) + ceil(u(-1, 0)) + sqrt(abs(u(0, 0)));
  for (const FpMode mode : {FpMode::strict, FpMode::contract, FpMode::fast}) {
    Array<double> input({17, 23}), reference({17, 23});
    fill_randomly(input, 8);
    bool first = true;
    for (const NamedJit& named : all_jits()) {
      SCOPED_TRACE(fmt::format("{} {}", named.name, to_string(mode)));
      Array<double> output({17, 23});
      create_kernel(assign(v(0, 0), wave), {.jit = named.jit, .fp_mode = mode})
          .compile()({{"u", input}, {"v", output}, {"w", 0.37}});
      if (first) {
        reference = output;
        first = false;
      } else {
        expect_same_bytes(reference, output);
      }
    }
  }
}

}  // namespace
}  // namespace cppstencils
