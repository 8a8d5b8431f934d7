#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <random>

#include "cppstencils/cppstencils.hpp"
#include "kernel/check_independence.hpp"

namespace cppstencils {
namespace {

using ir::IterationOrder;

IterationOrder order_of(const AssignmentList& assignments, const std::vector<IterationRange>& ranges) {
  return kernel::check_independence(assignments, ranges,
                                    {.allow_double_writes = true, .skip_independence_check = true});
}

TEST(CheckIndependence, ALayerMayReadTheOneBesideIt) {
  auto [f] = fields<1>("f: double[2D]");
  const AssignmentList copy = assign(f(0, 0), f(1, 0));
  EXPECT_EQ(create_kernel(copy, {.iteration_slice = slices("0, :")}).kernel_ir().order, IterationOrder::independent);
  EXPECT_EQ(create_kernel(assign(f(0, 0), f(-1, 0)), {.iteration_slice = slices("-1, :")}).kernel_ir().order,
            IterationOrder::independent);
  EXPECT_THROW(create_kernel(copy, {.iteration_slice = slices("0:2, :")}), ConstraintError);
  EXPECT_THROW(create_kernel(copy, {.iteration_slice = slices(":, 0")}), ConstraintError);
  EXPECT_THROW(create_kernel(copy), ConstraintError);
}

TEST(CheckIndependence, EverySecondCellMayReadItsNeighbour) {
  auto [f] = fields<1>("f: double[1D]");
  const AssignmentList red = assign(f(0), f(-1) + f(1));
  EXPECT_EQ(create_kernel(red, {.iteration_slice = slices("1:-1:2")}).kernel_ir().order, IterationOrder::independent);
  EXPECT_THROW(create_kernel(assign(f(0), f(2)), {.iteration_slice = slices("1:-2:2")}), ConstraintError);
  EXPECT_EQ(create_kernel({assign(f(0), 1), assign(f(1), 2)}, {.iteration_slice = slices("::2")}).kernel_ir().order,
            IterationOrder::independent);
}

TEST(CheckIndependence, BoundsOfAnySizeAreSafe) {
  auto [f] = fields<1>("f: double[1D]");
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  for (const IterationRange& range : {IterationRange{least, {}, 1}, {0, most, 1}, {least, most, 1}, {least, -1, 1}}) {
    EXPECT_EQ(order_of(assign(f(0), f(1)), {range}), IterationOrder::sequential);
  }
}

// Against all pairs of cells of arrays with up to 12 cells per dimension: what is called independent is, and what is
// not has two cells that meet in some array.
TEST(CheckIndependence, IsExact) {
  std::mt19937 random(7);
  const auto number = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  auto [f] = fields<1>("f: double[2D]");
  int independent = 0;
  for (int round = 0; round < 3000; ++round) {
    std::vector<IterationRange> ranges;
    std::array<std::int64_t, 2> read{}, write{};
    for (std::size_t d = 0; d < 2; ++d) {
      IterationRange range{.start = number(-4, 3), .stop = {}, .step = number(1, 3)};
      if (number(0, 2) != 0) range.stop = number(-4, 6);
      ranges.push_back(range);
      read[d] = number(-2, 2);
      write[d] = number(-1, 1);
    }
    // Cells of one dimension that have a common element along it, as bits: the same cell, two different cells.
    std::array<unsigned, 2> pairs{};
    for (std::size_t d = 0; d < 2; ++d) {
      for (std::int64_t extent = 0; extent <= 12; ++extent) {
        const CellRange cells = resolve(ranges[d], extent);
        for (std::int64_t i = cells.begin; i < cells.end; i += ranges[d].step) {
          for (std::int64_t j = cells.begin; j < cells.end; j += ranges[d].step) {
            if (i + read[d] == j + write[d]) pairs[d] |= i == j ? 1U : 2U;
          }
        }
      }
    }
    const bool meet = pairs[0] != 0 && pairs[1] != 0 && ((pairs[0] | pairs[1]) & 2U) != 0;
    const auto order = order_of(assign(f(write[0], write[1]), f(read[0], read[1])), ranges);
    // Arrays without any cell to update are independent whatever the check says.
    const auto has_cells = [](const IterationRange& range) {
      for (std::int64_t extent = 0; extent <= 12; ++extent) {
        const CellRange cells = resolve(range, extent);
        if (cells.begin < cells.end) return true;
      }
      return false;
    };
    if (!has_cells(ranges[0]) || !has_cells(ranges[1])) continue;
    SCOPED_TRACE(testing::Message() << "round " << round);
    EXPECT_EQ(order == IterationOrder::sequential, meet);
    if (!meet) ++independent;
  }
  EXPECT_GT(independent, 100);
}

}  // namespace
}  // namespace cppstencils
