#include "explain/roofline.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "explain/kernel_cost.hpp"
#include "machine_for_tests.hpp"
#include "support/stencil_kernels.hpp"

namespace cppstencils::testing {
namespace {

using Kind = MemoryLevel::Kind;

Roofline five_point_roofline(std::int64_t working_set, int threads, StorePolicy stores = StorePolicy::cached) {
  return explain::roofline(explain::explain_kernel(jacobi(2)), round_machine(), stores, working_set, threads);
}

TEST(Roofline, MainMemoryBoundsWhatFitsNowhere) {
  const Roofline bound = five_point_roofline(std::int64_t{1} << 30, 1);
  EXPECT_EQ(bound.level, Kind::main_memory);
  EXPECT_EQ(bound.bytes, 24);
  EXPECT_EQ(bound.memory_rate, 12e9 / 24);
  EXPECT_EQ(bound.arithmetic_rate, 40e9 / 4);
  EXPECT_EQ(bound.limit(), Roofline::Limit::memory);
  EXPECT_EQ(bound.rate(), 0.5e9);
}

TEST(Roofline, SomeThreadsHaveSeveralTimesTheRateUpToThatOfAll) {
  EXPECT_EQ(five_point_roofline(std::int64_t{1} << 30, 2).bandwidth, 24e9);
  EXPECT_EQ(five_point_roofline(std::int64_t{1} << 30, 3).bandwidth, 30e9);
  EXPECT_EQ(five_point_roofline(std::int64_t{1} << 30, 9).bandwidth, 30e9);
}

TEST(Roofline, CachesAreSharedOrOfOneCore) {
  EXPECT_EQ(five_point_roofline(32 << 10, 1).level, Kind::l1_cache);
  EXPECT_EQ(five_point_roofline((32 << 10) + 1, 1).level, Kind::l2_cache);
  EXPECT_EQ(five_point_roofline((32 << 10) + 1, 2).level, Kind::l1_cache);
  EXPECT_EQ(five_point_roofline(3 << 20, 2).level, Kind::l3_cache);
  EXPECT_EQ(five_point_roofline(3 << 20, 3).level, Kind::l2_cache);
  EXPECT_EQ(five_point_roofline((8 << 20) + 1, 4).level, Kind::main_memory);
}

TEST(Roofline, StreamingStoresGoToMainMemory) {
  const Roofline bound = five_point_roofline(1 << 20, 4, StorePolicy::streaming);
  EXPECT_EQ(bound.level, Kind::main_memory);
  EXPECT_EQ(bound.bytes, 16);
  EXPECT_EQ(bound.rate(), 32e9 / 16);
}

TEST(Roofline, TheSlowestUnitBoundsArithmetic) {
  KernelExplanation kernel = explain::explain_kernel(jacobi(2));
  const auto arithmetic_rate = [&] {
    return explain::roofline(kernel, round_machine(), StorePolicy::cached, 1024, 1).arithmetic_rate;
  };
  kernel.float64 = {.additions = 4, .multiplications = 4, .divisions = 1, .square_roots = 1};
  EXPECT_DOUBLE_EQ(arithmetic_rate(), 2e9 / 2);
  kernel.float64 = {.additions = 4, .multiplications = 4};
  EXPECT_DOUBLE_EQ(arithmetic_rate(), 40e9 / 8);
  kernel.float64 = {.fused_multiply_adds = 8};
  EXPECT_DOUBLE_EQ(arithmetic_rate(), 32e9 / 8);
  kernel.float64 = {.functions = 3, .comparisons = 3};
  EXPECT_TRUE(std::isinf(arithmetic_rate()));
  kernel.float64 = {.additions = 4};
  kernel.float32 = {.additions = 8};
  EXPECT_DOUBLE_EQ(arithmetic_rate(), 5e9);
}

}  // namespace
}  // namespace cppstencils::testing
