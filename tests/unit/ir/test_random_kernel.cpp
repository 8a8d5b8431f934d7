#include <gtest/gtest.h>

#include <set>

#include "ir/traverse.hpp"
#include "support/random.hpp"
#include "support/random_kernel.hpp"

namespace cppstencils::testing {
namespace {

TEST(RandomKernel, TheSameSeedGivesTheSameKernel) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) EXPECT_EQ(random_kernel(seed), random_kernel(seed));
  EXPECT_FALSE(random_kernel(1) == random_kernel(2));
}

TEST(RandomKernel, EveryKindOfNodeAppears) {
  std::set<std::size_t> kinds;
  std::set<DType> types;
  std::set<int> ranks;
  RandomKernelOptions options;
  options.math_functions = MathFunctions::included;
  ir::ExprVisitor visit([&](const ir::Expr& e) {
    kinds.insert(e.node().kind.index());
    types.insert(e.type());
  });
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const ir::Kernel kernel = random_kernel(seed, options);
    ranks.insert(kernel.rank);
    ir::for_each_stmt(kernel.body, [&](const ir::Stmt& stmt) {
      for (const ir::Expr& e : ir::expressions(stmt)) visit(e);
    });
  }
  // All but Stride and ElementLoad, which only lowered kernels have.
  EXPECT_EQ(kinds.size(), std::variant_size_v<ir::NodeKind> - 2);
  EXPECT_EQ(types.size(), 11U);
  EXPECT_EQ(ranks, (std::set{1, 2, 3}));
}

TEST(RandomKernel, OptionsLimitWhatAppears) {
  RandomKernelOptions options;
  options.rank = 2;
  options.dtypes = {DType::float32};
  options.stores = 1;
  options.lets = 0;
  ir::ExprVisitor visit([&](const ir::Expr& e) {
    EXPECT_TRUE(e.type() == DType::float32 || e.type() == DType::boolean);
    EXPECT_EQ(ir::get_if<ir::Call>(e), nullptr);
    EXPECT_EQ(ir::get_if<ir::LoopIndex>(e), nullptr);
  });
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const ir::Kernel kernel = random_kernel(seed, options);
    EXPECT_EQ(kernel.rank, 2);
    int stores = 0;
    ir::for_each_stmt(kernel.body, [&](const ir::Stmt& stmt) {
      for (const ir::Expr& e : ir::expressions(stmt)) visit(e);
      stores += std::holds_alternative<ir::Store>(stmt.kind);
    });
    EXPECT_EQ(stores, 1);
  }
}

TEST(RandomKernel, IndependentCellsDoNotMeet) {
  for (std::uint64_t seed = 0; seed < fuzz_rounds(300); ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    const ir::Kernel kernel = random_kernel(seed);
    std::set<ir::BufferId> written;
    const std::vector<ir::AccessPattern> patterns = ir::access_patterns(kernel);
    for (const ir::AccessPattern& pattern : patterns) {
      if (pattern.access == ir::BufferAccess::write) written.insert(pattern.buffer);
    }
    for (const ir::AccessPattern& pattern : patterns) {
      for (const std::int64_t offset : pattern.offsets) {
        EXPECT_LE(std::abs(offset), random_kernel_ghost_layers);
        if (written.contains(pattern.buffer)) {
          EXPECT_EQ(offset, 0);
        }
      }
    }
  }
}

TEST(RandomKernel, SequentialCellsMeet) {
  RandomKernelOptions options;
  options.order = ir::IterationOrder::sequential;
  bool meets = false;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    for (const ir::AccessPattern& pattern : ir::access_patterns(random_kernel(seed, options))) {
      meets = meets || (pattern.access == ir::BufferAccess::write &&
                        pattern.offsets != std::vector<std::int64_t>(pattern.offsets.size(), 0));
    }
  }
  EXPECT_TRUE(meets);
}

}  // namespace
}  // namespace cppstencils::testing
