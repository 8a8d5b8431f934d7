// Reductions: every JIT x operation x type x shape x slice x number of threads gives the bits of the interpreter, and
// the numbers that plain loops give.

#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cppstencils/cppstencils.hpp"
#include "cppstencils/support/error.hpp"
#include "support/jits.hpp"

namespace cppstencils {
namespace {

using testing::all_jits;

constexpr ReductionOp all_ops[] = {ReductionOp::add, ReductionOp::subtract, ReductionOp::multiply, ReductionOp::minimum,
                                   ReductionOp::maximum};

template <class T>
T reduced_by(JitBase& jit, ReductionOp op, const Array<T>& array, const std::string& slice, T start, int threads) {
  const Field u("u", array.rank(), {.dtype = dtype_of<T>()});
  const std::vector<std::int64_t> here(static_cast<std::size_t>(array.rank()), 0);
  CreateKernelConfig config;
  config.iteration_slice = slices(slice);
  config.cpu.threads = threads;
  const KernelFunction kernel = create_kernel({reduce(op, Symbol("w"), u.at(here))}, config);
  Array<T> result({1});
  result(0) = start;
  jit.compile(kernel)({{"u", array}, {"w", result}});
  return result(0);
}

/// All operations at once, each into a number of its own.
template <class T>
std::vector<T> all_reduced_by(JitBase& jit, const Array<T>& array, const std::string& slice, T start, int threads) {
  const Field u("u", array.rank(), {.dtype = dtype_of<T>()});
  const std::vector<std::int64_t> here(static_cast<std::size_t>(array.rank()), 0);
  AssignmentList list;
  for (const ReductionOp op : all_ops) list.add(reduce(op, Symbol(to_string(op)), u.at(here)));
  CreateKernelConfig config;
  config.iteration_slice = slices(slice);
  config.cpu.threads = threads;
  const CompiledKernel compiled = jit.compile(create_kernel(list, config));
  std::vector<T> results(std::size(all_ops), start);
  std::vector<Argument> arguments{{"u", array}};
  for (std::size_t i = 0; i < results.size(); ++i) {
    arguments.emplace_back(to_string(all_ops[i]), ArrayView<T>(&results[i], {1}));
  }
  compiled(arguments);
  return results;
}

template <class T>
class Reductions : public ::testing::Test {};
using Types = ::testing::Types<double, float, std::int64_t, std::int32_t, std::uint8_t>;
TYPED_TEST_SUITE(Reductions, Types);

TYPED_TEST(Reductions, HaveTheSameBitsEverywhere) {
  using T = TypeParam;
  struct Case {
    std::vector<std::int64_t> extents;
    std::string slice;
  };
  const Case cases[] = {{{1}, ":"},
                        {{63}, "1:"},
                        {{20011}, ":"},
                        {{20011}, "3:-2:3"},
                        {{300, 130}, "1:-1, 2:"},
                        {{700, 3}, ":, :"},
                        {{5, 40, 33}, ":, 1:-1, ::2"}};
  for (const Case& c : cases) {
    Array<T> array(c.extents, ArrayOptions{.padding = Padding::none});
    std::mt19937_64 random(7);
    ASSERT_TRUE(array.is_dense());
    for (std::int64_t i = 0; i < array.size(); ++i) {
      array.data()[i] = std::is_floating_point_v<T> ? static_cast<T>(0.75 + static_cast<double>(random() % 1000) / 2000)
                                                    : static_cast<T>(random());
    }
    std::optional<std::vector<T>> expected;
    for (const auto& [name, jit] : all_jits()) {
      for (const int threads : {1, 3}) {
        SCOPED_TRACE(fmt::format("{} {} {} threads {}", name, c.extents.size(), c.slice, threads));
        const std::vector<T> given = all_reduced_by<T>(*jit, array, c.slice, T{3}, threads);
        if (!expected) expected = given;
        for (std::size_t i = 0; i < given.size(); ++i) {
          EXPECT_EQ(std::memcmp(&(*expected)[i], &given[i], sizeof(T)), 0)
              << to_string(all_ops[i]) << " " << +(*expected)[i] << " and " << +given[i];
        }
      }
    }
  }
}

TEST(ReductionValues, AreThoseOfPlainLoops) {
  Array<double> array({50, 70}, ArrayOptions{.padding = Padding::none});
  double sum = 0;
  double largest = -1e300;
  for (std::int64_t y = 0; y < 50; ++y) {
    for (std::int64_t x = 0; x < 70; ++x) {
      array(y, x) = std::sin(static_cast<double>(y * 70 + x));
      sum += array(y, x);
      largest = std::max(largest, array(y, x));
    }
  }
  for (const auto& [name, jit] : all_jits()) {
    SCOPED_TRACE(name);
    EXPECT_NEAR(reduced_by<double>(*jit, ReductionOp::add, array, ":, :", 10, 1), 10 + sum, 1e-12);
    EXPECT_NEAR(reduced_by<double>(*jit, ReductionOp::subtract, array, ":, :", 10, 1), 10 - sum, 1e-12);
    EXPECT_EQ(reduced_by<double>(*jit, ReductionOp::maximum, array, ":, :", -5, 1), largest);
    EXPECT_EQ(reduced_by<double>(*jit, ReductionOp::maximum, array, ":, :", 5, 1), 5);
    EXPECT_EQ(reduced_by<double>(*jit, ReductionOp::add, array, "3:3, :", 5, 1), 5);  // no cell
    array(20, 33) = std::numeric_limits<double>::quiet_NaN();
    EXPECT_TRUE(std::isnan(reduced_by<double>(*jit, ReductionOp::maximum, array, ":, :", 0, 1)));
    EXPECT_TRUE(std::isnan(reduced_by<double>(*jit, ReductionOp::minimum, array, ":, :", 0, 1)));
    array(20, 33) = std::sin(static_cast<double>(20 * 70 + 33));
  }
}

TEST(ReductionValues, SumsAreAccurate) {
  Array<double> array({10'000'000}, ArrayOptions{.padding = Padding::none});
  array.fill(0.1);
  double naive = 0;
  for (std::int64_t i = 0; i < array.size(); ++i) naive += 0.1;
  const auto jits = all_jits();
  JitBase& jit = *jits.back().jit;
  const double sum = reduced_by<double>(jit, ReductionOp::add, array, ":", 0, 2);
  EXPECT_LT(std::abs(sum - 1e6), 1e-3 * std::abs(naive - 1e6)) << sum << " and " << naive;
}

TEST(ReductionValues, KernelsWriteAndReduceAtOnce) {
  const Field u("u", 2);
  const Field v("v", 2);
  const KernelFunction kernel =
      create_kernel({assign(v(0, 0), u(1, 0) + u(-1, 0)), reduce(ReductionOp::add, Symbol("s"), v(0, 0)),
                     reduce(ReductionOp::minimum, Symbol("m"), u(0, 0))});
  for (const auto& [name, jit] : all_jits()) {
    SCOPED_TRACE(name);
    Array<double> a({34, 75});
    Array<double> b({34, 75});
    Array<double> s({1});
    Array<double> m({1});
    a.fill(2);
    a(5, 6) = -1;
    jit->compile(kernel)({{"u", a}, {"v", b}, {"s", s}, {"m", m}});
    EXPECT_EQ(s(0), 4.0 * 32 * 73 - 6);
    EXPECT_EQ(m(0), -1);
    EXPECT_EQ(b(4, 6), 1);
  }
}

TEST(ReductionErrors, OfCallsAndKernels) {
  const Field u("u", 1);
  const Symbol w("w");
  EXPECT_THROW(create_kernel({reduce(ReductionOp::add, w, u(0)), reduce(ReductionOp::add, w, u(0))}), ConstraintError);
  EXPECT_THROW(create_kernel({reduce(ReductionOp::add, w, u(0)), assign(Field("v", 1)(0), w)}), ConstraintError);
  EXPECT_THROW(create_kernel({reduce(ReductionOp::add, w, 1)}), ConstraintError);
  EXPECT_THROW(reduce(ReductionOp::add, u(0), u(0)), ExpressionError);
  InterpreterJit jit;
  const CompiledKernel sum = jit.compile(create_kernel({reduce(ReductionOp::add, w, u(0))}));
  Array<double> a({10}, ArrayOptions{.padding = Padding::none});
  Array<double> two({2});
  Array<float> single({1});
  Array<double> one({1});
  const Array<double>& read_only = one;
  EXPECT_THROW(sum({{"u", a}, {"w", two}}), ArgumentError);
  EXPECT_THROW(sum({{"u", a}, {"w", single}}), TypeMismatch);
  EXPECT_THROW(sum({{"u", a}, {"w", read_only}}), ArgumentError);
  EXPECT_THROW(sum({{"u", a}, {"w", 1.0}}), TypeMismatch);
  EXPECT_THROW(sum({{"u", a}, {"w", ArrayView<double>(a.data() + 3, {1})}}), ArgumentError);
  const BoundKernel bound = sum.bind({{"u", a}, {"w", one}});
  EXPECT_THROW(bound.run(bound.box()), UnsupportedError);
}

TEST(ReductionTexts, ReadBack) {
  const Field u("u", 2);
  const KernelFunction kernel = create_kernel({reduce(ReductionOp::maximum, Symbol("w"), u(0, 0) * u(0, 0))});
  EXPECT_EQ(ir::parse_kernel(kernel.ir()), kernel.kernel_ir());
}

}  // namespace
}  // namespace cppstencils
