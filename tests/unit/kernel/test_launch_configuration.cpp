// How launches follow from cells: by hand, and by counting which cells the threads of a launch reach.

#include "cppstencils/kernel/launch_configuration.hpp"

#include <gtest/gtest.h>

#include <vector>

#include <fmt/format.h>

#include "cppstencils/cppstencils.hpp"
#include "support/stencil_kernels.hpp"

namespace cppstencils {
namespace {

using Box = std::vector<CellRange>;
using Sizes = std::array<std::int64_t, 3>;

LaunchRule rule(int rank, const ThreadMapping& mapping) { return {testing::jacobi(rank), mapping}; }

TEST(LaunchConfiguration, Linear3d) {
  const LaunchRule three = rule(3, {.block = {64, 4, 1}, .cells = {.outer = 4}});
  const Box box{{1, 8}, {1, 20}, {1, 34}};
  EXPECT_EQ(three.configuration(box), (LaunchConfiguration{{1, 5, 2}, {64, 4, 1}}));
  EXPECT_EQ(three.work_items(), (std::vector<std::string>{"end_0 - begin_0", "end_1 - begin_1", "end_2 - begin_2"}));
  EXPECT_EQ(three.grid(), (std::array<std::string, 3>{"ceil((end_2 - begin_2) / 64)", "ceil((end_1 - begin_1) / 4)",
                                                      "ceil((end_0 - begin_0) / 4)"}));
  EXPECT_EQ(three.block(), (std::array<std::string, 3>{"64", "4", "1"}));
  const LaunchRule inner = rule(1, {.block = {32, 1, 1}, .cells = {.inner = 4}});
  EXPECT_EQ(inner.configuration(Box{{0, 129}}).grid, (Sizes{2, 1, 1}));
  EXPECT_EQ(inner.configuration(Box{{0, 128}}).grid, (Sizes{1, 1, 1}));
  EXPECT_EQ(inner.grid()[0], "ceil((end_0 - begin_0) / 4 / 32)");
}

TEST(LaunchConfiguration, Linear1d) {
  const LaunchRule one = rule(2, {.scheme = IndexingScheme::linear1d, .cells = {.outer = 2}});
  EXPECT_EQ(one.configuration(Box{{1, 8}, {1, 101}}).grid, (Sizes{2, 1, 1}));
  EXPECT_EQ(one.grid()[0], "ceil((end_1 - begin_1) * ceil((end_0 - begin_0) / 2) / 256)");
}

TEST(LaunchConfiguration, Blockwise4dTakesWholeWarps) {
  const LaunchRule blocks = rule(3, {.scheme = IndexingScheme::blockwise4d});
  EXPECT_EQ(blocks.configuration(Box{{0, 3}, {0, 5}, {0, 40}}), (LaunchConfiguration{{5, 3, 1}, {64, 1, 1}}));
  EXPECT_EQ(blocks.configuration(Box{{0, 3}, {0, 5}, {0, 4000}}), (LaunchConfiguration{{5, 3, 1}, {256, 1, 1}}));
  EXPECT_EQ(blocks.block()[0], "min(256, 32 * ceil((end_2 - begin_2) / 32))");
}

TEST(LaunchConfiguration, GridStridedTakesAnyGrid) {
  const LaunchRule strided = rule(3, {.scheme = IndexingScheme::gridstrided_linear3d, .block = {64, 4, 1}});
  const Box box{{0, 100'000}, {0, 8}, {0, 128}};
  EXPECT_EQ(strided.configuration(box).grid, (Sizes{2, 2, 65'535}));
  EXPECT_EQ(strided.grid()[2], "min(65535, end_0 - begin_0)");
  EXPECT_EQ(strided.configuration(box, {.gridstrided_blocks = 300}).grid, (Sizes{2, 2, 75}));
  EXPECT_EQ(strided.configuration(box, {.gridstrided_blocks = 3}).grid, (Sizes{2, 1, 1}));
  EXPECT_EQ(strided.configuration(box, {.gridstrided_blocks = 1}).grid, (Sizes{1, 1, 1}));
  EXPECT_EQ(strided.with_grid(box, {1, 2, 3}).grid, (Sizes{1, 2, 3}));
}

TEST(LaunchConfiguration, BeyondTheLimits) {
  const LaunchRule two = rule(2, {.block = {128, 2, 1}});
  const Box box{{1, 300'001}, {1, 65}};
  try {
    two.configuration(box);
    FAIL() << "No error.";
  } catch (const LaunchError& error) {
    EXPECT_EQ(error.message(),
              "Kernel 'jacobi' needs 150000 blocks along y for these cells, but a launch has at most 65535.");
  }
  const std::vector<Launch> launches = two.launches(box);
  ASSERT_EQ(launches.size(), 4U);
  std::int64_t begin = 1;
  for (const Launch& launch : launches) {
    EXPECT_EQ(launch.box[0].begin, begin);
    begin = launch.box[0].end;
    EXPECT_LE(launch.configuration.grid[1], 65'535);
    EXPECT_EQ(launch.configuration, two.configuration(launch.box));
  }
  EXPECT_EQ(begin, 300'001);
  EXPECT_TRUE(two.launches(Box{{5, 5}, {0, 7}}).empty());
  EXPECT_THROW(two.configuration(Box{{0, 1}, {0, 1}}, {.threads_per_block = 128}), LaunchError);
}

TEST(LaunchConfiguration, SplitBoxesStayOnTheGridOfSteps) {
  const KernelFunction kernel =
      create_kernel(assign(Field("a", 2)(0, 0), Field("b", 2)(0, 0)),
                    {.target = Target::cuda,
                     .iteration_slice = slices("1::3, :"),
                     .gpu = {.block_size = {{32, 1, 1}}, .cells_per_thread = {{.outer = 2}}}});
  const std::vector<Launch> launches = kernel.launch_configuration().launches(Box{{1, 700'000}, {0, 5}});
  ASSERT_EQ(launches.size(), 2U);
  EXPECT_EQ((launches[1].box[0].begin - 1) % 6, 0);
  EXPECT_EQ(launches[0].box[0].end, launches[1].box[0].begin);
}

TEST(LaunchConfiguration, ManualGrids) {
  const LaunchRule two = rule(2, {.block = {128, 2, 1}});
  const Box box{{0, 10}, {0, 200}};
  EXPECT_EQ(two.with_grid(box, {3, 5, 1}).grid, (Sizes{3, 5, 1}));
  for (const Sizes& grid : {Sizes{1, 5, 1}, Sizes{2, 4, 1}, Sizes{2, 5, 0}, Sizes{2, 70'000, 1}, Sizes{2, 5, 2}}) {
    EXPECT_THROW(two.with_grid(box, grid), ArgumentError) << fmt::format("{} x {}", grid[0], grid[1]);
  }
  try {
    two.with_grid(box, {1, 5, 1});
    FAIL() << "No error.";
  } catch (const ArgumentError& error) {
    EXPECT_EQ(error.message(), "The grid of kernel 'jacobi' has 1 blocks along x, but its cells need 2.");
  }
}

TEST(LaunchConfiguration, DefaultsFollowTheKernel) {
  const auto mapping = [](const AssignmentList& assignments, const GpuOptions& options = {}) {
    return create_kernel(assignments, {.target = Target::cuda, .gpu = options}).launch_configuration().mapping();
  };
  const Field u("u", 3);
  const Field v("v", 3);
  const Field lattice("lattice", 3, {.index_shape = {19}});
  const ThreadMapping star = mapping(assign(v(0, 0, 0), u(1, 0, 0) + u(-1, 0, 0) + u(0, 0, 1)));
  EXPECT_EQ(star, (ThreadMapping{.block = {64, 4, 1}, .cells = {.outer = 4}}));
  EXPECT_EQ(mapping(assign(v(0, 0, 0), 2 * u(0, 0, 0))).cells, (CellsPerThread{.inner = 4}));
  AssignmentList many;
  for (int i = 0; i < 19; ++i) many.add(assign(lattice(0, 0, 0)(i), 2 * lattice(0, 0, 0)(i)));
  EXPECT_EQ(mapping(many), (ThreadMapping{.block = {64, 2, 1}}));
  EXPECT_EQ(mapping(assign(v(0, 0, 0), 1.0)).cells, CellsPerThread{});
  EXPECT_EQ(mapping(assign(v(0, 0, 0), sin(u(0, 0, 0)))).cells, CellsPerThread{});
  const ThreadMapping linear = mapping(assign(v(0, 0, 0), u(0, 0, 0)), {.indexing_scheme = IndexingScheme::linear1d});
  EXPECT_EQ(linear, (ThreadMapping{.scheme = IndexingScheme::linear1d, .cells = {.outer = 4}}));
}

}  // namespace
}  // namespace cppstencils
