#include "runtime/partition.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <limits>
#include <vector>

#include "runtime/bounds.hpp"
#include "support/random.hpp"

namespace cppstencils::runtime {
namespace {

using Numbers = std::vector<std::int64_t>;

Partition cut(const Numbers& begin, const Numbers& end, const Numbers& steps, const std::vector<int>& loop_order,
              std::int64_t parts) {
  return split(begin.data(), end.data(), steps, loop_order, parts);
}

TEST(Partition, CutsTheOutermostLoop) {
  const Partition partition = cut({1, 1, 1}, {101, 101, 101}, {1, 1, 1}, {0, 1, 2}, 4);
  EXPECT_EQ(partition.dimension, 0);
  ASSERT_EQ(partition.parts, 4);
  EXPECT_EQ(partition.part(0).begin, 1);
  EXPECT_EQ(partition.part(0).end, 26);
  EXPECT_EQ(partition.part(3).begin, 76);
  EXPECT_EQ(partition.part(3).end, 101);
  EXPECT_EQ(cut({1, 1, 1}, {101, 101, 101}, {1, 1, 1}, {2, 1, 0}, 4).dimension, 2);
}

TEST(Partition, CutsTheNextLoopWhenTheOutermostIsShort) {
  EXPECT_EQ(cut({0, 0, 0}, {1, 50, 50}, {1, 1, 1}, {0, 1, 2}, 2).dimension, 1);
  EXPECT_EQ(cut({0, 0, 0}, {3, 50, 50}, {1, 1, 1}, {0, 1, 2}, 2).dimension, 1);
  EXPECT_EQ(cut({0, 0, 0}, {4, 50, 50}, {1, 1, 1}, {0, 1, 2}, 2).dimension, 0);
  EXPECT_EQ(cut({0, 0, 0}, {3, 3, 5000}, {1, 1, 1}, {0, 1, 2}, 2).dimension, 2);
  // Short because of its steps.
  EXPECT_EQ(cut({0, 0}, {60, 60}, {20, 1}, {0, 1}, 2).dimension, 1);
  // Nothing fits: the most even cut, and no part that helps nobody.
  const Partition partition = cut({0, 0}, {5, 3}, {1, 1}, {0, 1}, 4);
  EXPECT_EQ(partition.dimension, 1);
  EXPECT_EQ(partition.parts, 3);
}

TEST(Partition, OneCellIsOnePart) { EXPECT_EQ(cut({7, 7}, {8, 8}, {1, 1}, {0, 1}, 5).parts, 1); }

TEST(Partition, CutsRowsWhereVectorsBegin) {
  const Partition partition = cut({3}, {100'003}, {1}, {0}, 3);
  ASSERT_EQ(partition.parts, 3);
  for (std::int64_t number = 0; number < 3; ++number) EXPECT_EQ((partition.part(number).begin - 3) % 64, 0);
}

TEST(Partition, CountsToTheEndOfTheRange) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const Partition partition = cut({0}, {most - 3}, {3}, {0}, 1000);
  EXPECT_EQ(partition.part(partition.parts - 1).end, most - 3);
  EXPECT_LT(partition.part(partition.parts - 1).begin, most - 3);
}

TEST(Partition, PartsCoverTheBoxOnceOnItsGrid) {
  for (std::uint64_t seed = 0; seed < testing::fuzz_rounds(2000); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    testing::Random random(seed);
    const auto rank = static_cast<std::size_t>(random.between(1, 4));
    Numbers begin, end, steps;
    std::vector<int> loop_order;
    for (std::size_t d = 0; d < rank; ++d) {
      begin.push_back(random.between(0, 9));
      end.push_back(begin.back() + random.between(1, random.chance(20) ? 3000 : 12));
      steps.push_back(random.chance(60) ? 1 : random.between(1, 5));
      loop_order.push_back(static_cast<int>(d));
    }
    random.shuffle(loop_order);
    const std::int64_t wanted = random.between(1, 9);
    const Partition partition = cut(begin, end, steps, loop_order, wanted);
    ASSERT_GE(partition.parts, 1);
    ASSERT_LE(partition.parts, wanted);
    const auto cut_dimension = static_cast<std::size_t>(partition.dimension);
    std::int64_t at = begin[cut_dimension];
    for (std::int64_t number = 0; number < partition.parts; ++number) {
      const CellRange part = partition.part(number);
      ASSERT_EQ(part.begin, at);
      ASSERT_LT(part.begin, part.end);
      ASSERT_EQ((part.begin - begin[cut_dimension]) % steps[cut_dimension], 0);
      at = part.end;
    }
    ASSERT_EQ(at, end[cut_dimension]);
  }
}

}  // namespace
}  // namespace cppstencils::runtime
