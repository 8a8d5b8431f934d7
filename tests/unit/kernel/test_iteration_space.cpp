#include "kernel/iteration_space.hpp"

#include <gtest/gtest.h>

#include "cppstencils/cppstencils.hpp"

namespace cppstencils {
namespace {

TEST(Slices, ReadsPythonNotation) {
  EXPECT_EQ(slices("1:-1"), (std::vector<Slice>{{1, -1, 1}}));
  EXPECT_EQ(slices(" 1 : -1 , ::2, 3, -1"),
            (std::vector<Slice>{{1, -1, 1}, {std::nullopt, std::nullopt, 2}, {3, 4, 1}, {-1, std::nullopt, 1}}));
  EXPECT_EQ(slices(":"), (std::vector<Slice>{{std::nullopt, std::nullopt, 1}}));
  EXPECT_EQ(slices("-3:"), (std::vector<Slice>{{-3, std::nullopt, 1}}));
  EXPECT_EQ(slices("1:9:"), (std::vector<Slice>{{1, 9, 1}}));
}

TEST(Slices, RefusesOtherText) {
  for (const char* text : {"", "a", "1:b", "1:2:3:4", "1,,2", "1.5", "0x1"}) {
    SCOPED_TRACE(text);
    EXPECT_THROW(slices(text), ConfigError);
  }
}

// Python's own rule, written down independently: slice(start, stop, step).indices(extent) for step >= 1.
std::vector<std::int64_t> python_slice(std::optional<std::int64_t> start, std::optional<std::int64_t> stop,
                                       std::int64_t step, std::int64_t extent) {
  std::vector<std::int64_t> cells;
  for (std::int64_t cell = 0; cell < extent; ++cell) {
    std::int64_t from = start.value_or(0);
    std::int64_t to = stop.value_or(extent);
    if (from < 0) from += extent;
    if (to < 0) to += extent;
    if (from < 0) from = 0;
    if (cell >= from && cell < to && (cell - from) % step == 0) cells.push_back(cell);
  }
  return cells;
}

TEST(Resolve, AgreesWithPythonForAllSmallSlices) {
  for (std::int64_t extent = 0; extent <= 6; ++extent) {
    for (std::int64_t start = -8; start <= 8; ++start) {
      for (std::int64_t stop = -8; stop <= 9; ++stop) {
        for (std::int64_t step = 1; step <= 3; ++step) {
          const std::optional<std::int64_t> last = stop == 9 ? std::nullopt : std::optional<std::int64_t>(stop);
          const CellRange range = resolve({start, last, step}, extent);
          std::vector<std::int64_t> cells;
          for (std::int64_t cell = range.begin; cell < range.end; cell += step) cells.push_back(cell);
          ASSERT_EQ(cells, python_slice(start, last, step, extent))
              << start << ":" << stop << ":" << step << " of " << extent;
          ASSERT_GE(range.begin, 0);
          ASSERT_LE(range.end, extent);
        }
      }
    }
  }
}

class GhostLayerTest : public ::testing::Test {
 protected:
  KernelFunction kernel(CreateKernelConfig config = {}) const {
    return create_kernel(assign(v_(0, 0), u_(2, 0) + u_(0, -1)), config);
  }
  Field u_{"u", 2};
  Field v_{"v", 2};
};

TEST_F(GhostLayerTest, AutomaticTakesTheLargestOffsetForEverySide) {
  EXPECT_EQ(kernel().iteration_ranges(), (std::vector<IterationRange>{{2, -2, 1}, {2, -2, 1}}));
  EXPECT_EQ(kernel().ghost_layers(), (std::vector<std::array<std::int64_t, 2>>{{2, 2}, {2, 2}}));
  EXPECT_EQ(kernel({.ghost_layers = GhostLayers::automatic()}).iteration_ranges(), kernel().iteration_ranges());
}

TEST_F(GhostLayerTest, AutomaticIsZeroWithoutOffsets) {
  const KernelFunction kernel = create_kernel(assign(v_(0, 0), u_(0, 0)));
  EXPECT_EQ(kernel.iteration_ranges(), (std::vector<IterationRange>{{0, std::nullopt, 1}, {0, std::nullopt, 1}}));
}

TEST_F(GhostLayerTest, OffsetsOfWritesCount) {
  const KernelFunction kernel = create_kernel(assign(v_(0, -3), u_(0, 0)));
  EXPECT_EQ(kernel.ghost_layers(), (std::vector<std::array<std::int64_t, 2>>{{3, 3}, {3, 3}}));
}

TEST_F(GhostLayerTest, UniformAndPerSide) {
  EXPECT_EQ(kernel({.ghost_layers = 1}).iteration_ranges(), (std::vector<IterationRange>{{1, -1, 1}, {1, -1, 1}}));
  const std::vector<std::array<std::int64_t, 2>> sides{{0, 2}, {1, 0}};
  EXPECT_EQ(kernel({.ghost_layers = sides}).iteration_ranges(),
            (std::vector<IterationRange>{{0, -2, 1}, {1, std::nullopt, 1}}));
}

TEST_F(GhostLayerTest, SlicesReplaceGhostLayers) {
  const KernelFunction sliced = kernel({.iteration_slice = slices("2:-2:2, 5")});
  EXPECT_EQ(sliced.iteration_ranges(), (std::vector<IterationRange>{{2, -2, 2}, {5, 6, 1}}));
  EXPECT_TRUE(sliced.ghost_layers().empty());
}

}  // namespace
}  // namespace cppstencils
