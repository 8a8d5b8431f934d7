// Random numbers: published values, the same bits from every JIT, whoever computes a cell, and their distribution.

#include <array>
#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cppstencils/cppstencils.hpp"
#include "support/jits.hpp"
#include "support/philox.hpp"
#include "support/random.hpp"

namespace cppstencils {
namespace {

using testing::draw_of;
using testing::float32_of;
using testing::float64_of;
using testing::philox;
using testing::Words;

KernelFunction draw_kernel(const Philox& rng, FpMode mode, std::shared_ptr<JitBase> jit, const Expr& counter) {
  const Field field("r", 3, {.dtype = rng.dtype(), .index_shape = {rng.size()}});
  const std::vector<Expr> values = rng.uniform(counter, Symbol("stream", DType::uint32));
  AssignmentList list;
  for (int i = 0; i < rng.size(); ++i) list.add(assign(field(0, 0, 0)(i), values[static_cast<std::size_t>(i)]));
  return create_kernel(list, {.function_name = "draw", .jit = std::move(jit), .fp_mode = mode});
}

template <class T>
void expect_draws(const testing::NamedJit& named, DType dtype, FpMode mode, testing::Random& random) {
  const auto any = [&] { return static_cast<std::int64_t>(random.below(std::size_t{1} << 32)); };
  const auto seed = static_cast<std::uint32_t>(any());
  const auto stream = static_cast<std::uint32_t>(any());
  const auto step = static_cast<std::uint32_t>(any());
  const std::array<std::int64_t, 3> offset{any() - any(), any(), -any()};
  const Philox rng(dtype, Symbol("seed", DType::uint32),
                   {.offsets = {offset[0], Symbol("y", DType::int64), offset[2]}});
  const CompiledKernel kernel = draw_kernel(rng, mode, named.jit, Symbol("step", DType::uint32)).compile();
  Array<T> r({3, 4, 13, rng.size()});
  kernel({{"r", r}, {"seed", seed}, {"stream", stream}, {"step", step}, {"y", offset[1]}});
  for (std::int64_t x = 0; x < 3; ++x) {
    for (std::int64_t y = 0; y < 4; ++y) {
      for (std::int64_t z = 0; z < 13; ++z) {
        const auto word = [](std::int64_t value) { return static_cast<std::uint32_t>(value); };
        const Words words =
            philox({step, word(x + offset[0]), word(y + offset[1]), word(z + offset[2])}, {seed, stream});
        for (std::int64_t i = 0; i < rng.size(); ++i) {
          ASSERT_EQ(static_cast<double>(r(x, y, z, i)), draw_of(dtype, words)[static_cast<std::size_t>(i)]);
        }
      }
    }
  }
}

TEST(RandomNumbers, KnownAnswersOfTheReferenceImplementation) {
  // Random123, kat_vectors, philox4x32 with 10 rounds.
  struct Known {
    Words counter;
    std::array<std::uint32_t, 2> key;
    Words result;
  };
  const std::uint32_t ones = 0xffffffff;
  const std::array<Known, 3> all{
      Known{{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      Known{{ones, ones, ones, ones}, {ones, ones}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      Known{{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
            {0xa4093822, 0x299f31d0},
            {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}};
  for (const testing::NamedJit& named : testing::all_jits()) {
    SCOPED_TRACE(named.name);
    for (const Known& known : all) {
      EXPECT_EQ(philox(known.counter, known.key), known.result);
      const Philox rng(DType::uint32, known.key[0],
                       {.offsets = {known.counter[1], known.counter[2], known.counter[3]}});
      const CompiledKernel kernel = draw_kernel(rng, FpMode::strict, named.jit, known.counter[0]).compile();
      Array<std::uint32_t> r({1, 1, 1, 4});
      kernel({{"r", r}, {"stream", known.key[1]}});
      for (std::int64_t i = 0; i < 4; ++i) EXPECT_EQ(r(0, 0, 0, i), known.result[static_cast<std::size_t>(i)]);
    }
  }
}

TEST(RandomNumbers, EveryJitTypeAndModeComputesTheFormulas) {
  const std::uint64_t seed = 20261124;
  SCOPED_TRACE(fmt::format("seed {}", seed));
  testing::Random random(seed);
  for (const testing::NamedJit& named : testing::all_jits()) {
    SCOPED_TRACE(named.name);
    for (const FpMode mode : {FpMode::strict, FpMode::contract, FpMode::fast}) {
      expect_draws<double>(named, DType::float64, mode, random);
      expect_draws<float>(named, DType::float32, mode, random);
    }
    expect_draws<std::uint32_t>(named, DType::uint32, FpMode::strict, random);
  }
}

template <class T>
void expect_same_normal_values(FpMode mode) {
  const Philox rng(sizeof(T) == 8 ? DType::float64 : DType::float32, Symbol("seed", DType::uint32));
  const Field field("r", 1, {.dtype = rng.dtype(), .index_shape = {rng.size()}});
  const std::vector<Expr> values = rng.normal(Symbol("step", DType::uint32));
  AssignmentList list;
  for (int i = 0; i < rng.size(); ++i) list.add(assign(field(0)(i), values[static_cast<std::size_t>(i)]));
  std::vector<T> expected;
  for (const testing::NamedJit& named : testing::all_jits()) {
    SCOPED_TRACE(named.name);
    Array<T> r({301, rng.size()});
    const CompiledKernel kernel =
        create_kernel(list, {.function_name = "normal", .jit = named.jit, .fp_mode = mode}).compile();
    kernel({{"r", r}, {"seed", 8U}, {"step", 9U}});
    std::vector<T> actual;
    for (std::int64_t x = 0; x < 301; ++x) {
      for (std::int64_t i = 0; i < rng.size(); ++i) actual.push_back(r(x, i));
    }
    if (expected.empty()) expected = actual;
    ASSERT_EQ(actual, expected);
  }
}

TEST(RandomNumbers, NormalValuesAreTheSameFromEveryJit) {
  for (const FpMode mode : {FpMode::strict, FpMode::contract, FpMode::fast}) {
    expect_same_normal_values<double>(mode);
    expect_same_normal_values<float>(mode);
  }
}

/// One draw per cell of a square, as an array of (x, y, value).
Array<double> square(std::int64_t size, std::uint32_t step, const std::vector<Expr>& values) {
  const Field field("r", 2, {.index_shape = {static_cast<std::int64_t>(values.size())}});
  AssignmentList list;
  for (std::size_t i = 0; i < values.size(); ++i) list.add(assign(field(0, 0)(static_cast<int>(i)), values[i]));
  Array<double> r({size, size, static_cast<std::int64_t>(values.size())});
  create_kernel(list).compile()({{"r", r}, {"step", step}});
  return r;
}

TEST(RandomNumbers, BlocksOfADomainAgreeWithTheWhole) {
  const Symbol step("step", DType::uint32);
  const Array<double> whole = square(12, 7, Philox(DType::float64, 3).uniform(step));
  const Array<double> part = square(5, 7, Philox(DType::float64, 3, {.offsets = {4, 6}}).uniform(step));
  for (std::int64_t x = 0; x < 5; ++x) {
    for (std::int64_t y = 0; y < 5; ++y) ASSERT_EQ(part(x, y, 0), whole(x + 4, y + 6, 0));
  }
}

TEST(RandomNumbers, PeriodsAlsoRepeatNumbersBelowZero) {
  const Symbol step("step", DType::uint32);
  const Array<double> r =
      square(12, 7, Philox(DType::float64, 3, {.offsets = {-1, -8}, .periods = {5, 0}}).uniform(step));
  for (std::int64_t x = 0; x < 7; ++x) {
    for (std::int64_t y = 0; y < 12; ++y) ASSERT_EQ(r(x, y, 1), r(x + 5, y, 1));
  }
  EXPECT_NE(r(0, 0, 0), r(1, 0, 0));
  EXPECT_NE(r(0, 0, 0), r(0, 5, 0));
}

double correlation(const Array<double>& a, std::int64_t i, const Array<double>& b, std::int64_t j, std::int64_t shift) {
  double sum = 0;
  const std::int64_t n = a.extent(0) - shift;
  for (std::int64_t x = 0; x < n; ++x) {
    for (std::int64_t y = 0; y < n; ++y) sum += (a(x, y, i) - 0.5) * (b(x + shift, y, j) - 0.5);
  }
  return 12 * sum / static_cast<double>(n * n);
}

TEST(RandomNumbers, UniformValuesAreUniformAndIndependent) {
  constexpr std::int64_t size = 400;
  constexpr auto count = static_cast<double>(2 * size * size);
  const Symbol step("step", DType::uint32);
  const Philox rng(DType::float64, 5);
  const Array<double> now = square(size, 1, rng.uniform(step));
  const Array<double> later = square(size, 2, rng.uniform(step));
  const Array<double> other = square(size, 1, rng.uniform(step, 1));
  std::array<double, 64> bins{};
  double sum = 0;
  double squares = 0;
  for (std::int64_t x = 0; x < size; ++x) {
    for (std::int64_t y = 0; y < size; ++y) {
      for (std::int64_t i = 0; i < 2; ++i) {
        const double value = now(x, y, i);
        ASSERT_GT(value, 0);
        ASSERT_LT(value, 1);
        sum += value;
        squares += (value - 0.5) * (value - 0.5);
        ++bins[static_cast<std::size_t>(64 * value)];
      }
    }
  }
  // Four standard deviations; the numbers are always the same, so the test cannot fail by chance.
  EXPECT_NEAR(sum / count, 0.5, 4 / std::sqrt(12 * count));
  EXPECT_NEAR(squares / count, 1.0 / 12, 4 / std::sqrt(180 * count));
  double chi_squared = 0;
  for (const double bin : bins) chi_squared += (bin - count / 64) * (bin - count / 64) / (count / 64);
  EXPECT_NEAR(chi_squared, 63, 4 * std::sqrt(2 * 63));
  const double limit = 4.0 / static_cast<double>(size - 1);
  EXPECT_NEAR(correlation(now, 0, now, 0, 0), 1, 2 * limit);
  EXPECT_NEAR(correlation(now, 0, now, 1, 0), 0, limit);
  EXPECT_NEAR(correlation(now, 0, now, 0, 1), 0, limit);
  EXPECT_NEAR(correlation(now, 0, later, 0, 0), 0, limit);
  EXPECT_NEAR(correlation(now, 0, other, 0, 0), 0, limit);
}

TEST(RandomNumbers, NormalValuesHaveTheRightMoments) {
  constexpr std::int64_t size = 400;
  constexpr auto count = static_cast<double>(2 * size * size);
  const Array<double> r = square(size, 1, Philox(DType::float64, 5).normal(Symbol("step", DType::uint32)));
  std::array<double, 5> moments{};
  for (std::int64_t i = 0; i < 2 * size * size; ++i) {
    for (int power = 1; power <= 4; ++power) moments[static_cast<std::size_t>(power)] += std::pow(r.data()[i], power);
  }
  EXPECT_NEAR(moments[1] / count, 0, 4 / std::sqrt(count));
  EXPECT_NEAR(moments[2] / count, 1, 4 * std::sqrt(2 / count));
  EXPECT_NEAR(moments[3] / count, 0, 4 * std::sqrt(15 / count));
  EXPECT_NEAR(moments[4] / count, 3, 4 * std::sqrt(96 / count));
}

TEST(RandomNumbers, TheEndsOfTheRangeStayInside) {
  EXPECT_EQ(float64_of(0, 0), 0x1p-54);
  EXPECT_LT(float64_of(0xffffffff, 0), 1);
  EXPECT_EQ(float32_of(0), 0x1p-33F);
  EXPECT_EQ(float32_of(0xffffffff), 1 - 0x1p-24F);
}

TEST(RandomNumbers, OneDrawIsComputedOncePerCell) {
  const Philox rng(DType::float64, Symbol("seed", DType::uint32));
  const auto products = [&](int values) {
    const Field field("r", 2, {.index_shape = {2}});
    AssignmentList list;
    for (int i = 0; i < values; ++i) {
      // Built anew, so that no node is shared.
      list.add(assign(field(0, 0)(i), rng.uniform(Symbol("step", DType::uint32))[static_cast<std::size_t>(i)]));
    }
    const std::string text = create_kernel(list).source();
    std::size_t count = 0;
    for (std::size_t at = text.find("3528531795ull"); at != std::string::npos;
         at = text.find("3528531795ull", at + 1)) {
      ++count;
    }
    return count;
  };
  // The text has two functions. Without the second value, one product of the last of ten rounds is not needed.
  EXPECT_EQ(products(1), 2 * 9U);
  EXPECT_EQ(products(2), 2 * 10U);
}

}  // namespace
}  // namespace cppstencils
