#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "cppstencils/field/field.hpp"
#include "cppstencils/support/error.hpp"

namespace cppstencils {
namespace {

TEST(Layout, NamedOrders) {
  EXPECT_EQ(Layout("c").order(3, 0), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(Layout("c").order(3, 2), (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_EQ(Layout("f").order(3, 0), (std::vector<int>{2, 1, 0}));
  EXPECT_EQ(Layout("f").order(3, 2), (std::vector<int>{4, 3, 2, 1, 0}));
  EXPECT_EQ(Layout("soa").order(3, 0), (std::vector<int>{2, 1, 0}));
  EXPECT_EQ(Layout("soa").order(3, 2), (std::vector<int>{3, 4, 2, 1, 0}));
  EXPECT_EQ(Layout("aos").order(3, 0), (std::vector<int>{2, 1, 0}));
  EXPECT_EQ(Layout("aos").order(3, 2), (std::vector<int>{2, 1, 0, 3, 4}));
  EXPECT_EQ(Layout("soa").order(2, 1), (std::vector<int>{2, 1, 0}));
  EXPECT_EQ(Layout("aos").order(2, 1), (std::vector<int>{1, 0, 2}));
}

// The definition, by the place of every dimension: what is faster than what.
TEST(Layout, OrdersFollowTheirDefinition) {
  for (int rank = 1; rank <= 4; ++rank) {
    for (int index_rank = 0; index_rank <= 4; ++index_rank) {
      const int dimensions = rank + index_rank;
      const auto faster = [&](const Layout& layout, int a, int b) {
        const std::vector<int> order = layout.order(rank, index_rank);
        return std::find(order.begin(), order.end(), a) > std::find(order.begin(), order.end(), b);
      };
      for (int a = 0; a < dimensions; ++a) {
        for (int b = a + 1; b < dimensions; ++b) {
          SCOPED_TRACE(std::to_string(rank) + "+" + std::to_string(index_rank) + ": " + std::to_string(a) + "," +
                       std::to_string(b));
          const bool both_spatial = b < rank;
          const bool both_index = a >= rank;
          EXPECT_TRUE(faster(Layout::c(), b, a));
          EXPECT_TRUE(faster(Layout::f(), a, b));
          // Of two spatial dimensions the first is faster, of two index dimensions the second.
          EXPECT_EQ(faster(Layout::soa(), b, a), !both_spatial && both_index);
          EXPECT_EQ(faster(Layout::aos(), b, a), !both_spatial);
        }
      }
      for (const Layout& layout : {Layout::c(), Layout::f(), Layout::soa(), Layout::aos()}) {
        std::vector<int> order = layout.order(rank, index_rank);
        std::sort(order.begin(), order.end());
        std::vector<int> all(static_cast<std::size_t>(dimensions));
        std::iota(all.begin(), all.end(), 0);
        EXPECT_EQ(order, all);
      }
    }
  }
}

TEST(Layout, OtherNames) {
  EXPECT_EQ(Layout("fzyx").order(3, 2), Layout::soa().order(3, 2));
  EXPECT_EQ(Layout("zyxf").order(3, 2), Layout::aos().order(3, 2));
  for (const char* name : {"", "C", "numpy", "c "}) EXPECT_THROW(Layout{name}, FieldError) << name;
}

TEST(Layout, ExplicitOrder) {
  EXPECT_EQ(Layout(std::vector<int>{1, 2, 0}).order(2, 1), (std::vector<int>{1, 2, 0}));
  for (const std::vector<int>& order : {std::vector<int>{}, {0, 1}, {0, 1, 1}, {0, 1, 3}, {0, 1, 2, 3}, {-1, 0, 1}}) {
    EXPECT_THROW(Layout(order).order(2, 1), FieldError);
  }
}

}  // namespace
}  // namespace cppstencils
