#include <gtest/gtest.h>

#include "cppstencils/ir/kernel.hpp"

namespace cppstencils::ir {
namespace {

TEST(IrAccessPatterns, AreDistinctAndInOrderOfFirstAppearance) {
  const Kernel kernel = parse_kernel(R"(
kernel k(rank 2, strict, independent) {
  buffer u: float64, rank 2, read
  buffer v: float64, rank 2, index (3), read_write
  loop i0 step 1 {
    loop i1 step 1 {
      let a.0: float64 = u[1,0] + u[-1,0] * v[0,0](2)
      let b.1: float64 = u[-1,0] - u[1,0]
      store v[0,0](2) = a.0 + u[0,2]
      store v[0,0](1) = b.1
    }
  }
}
)");
  const BufferId u{0};
  const BufferId v{1};
  using enum BufferAccess;
  const std::vector<AccessPattern> expected{
      {u, read, {1, 0}, {}}, {u, read, {-1, 0}, {}},  {v, read, {0, 0}, {2}},
      {u, read, {0, 2}, {}}, {v, write, {0, 0}, {2}}, {v, write, {0, 0}, {1}},
  };
  EXPECT_EQ(access_patterns(kernel), expected);
}

TEST(IrAccessPatterns, AKernelWithoutAccessesHasNone) {
  EXPECT_TRUE(access_patterns(parse_kernel("kernel (rank 0, strict, independent) { let a.0: int64 = 1 }")).empty());
}

}  // namespace
}  // namespace cppstencils::ir
