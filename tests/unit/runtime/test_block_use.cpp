// In which blocks large calls run.

#include "runtime/block_use.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "cppstencils/cppstencils.hpp"
#include "support/jits.hpp"

namespace cppstencils::testing {
namespace {

using runtime::Blocks;
using runtime::BlockUse;

constexpr std::int64_t kibibyte = 1 << 10;

KernelFunction star(std::int64_t reach, const CpuOptions& options = {}, DType dtype = DType::float64) {
  const Field u("u", 3, {.dtype = dtype}), v("v", 3, {.dtype = dtype});
  return create_kernel(assign(v(0, 0, 0), u(reach, 0, 0) + u(-reach, 0, 0) + u(0, 1, 0) + u(0, 0, -1)),
                       {.cpu = options});
}

/// Rows of a block for arrays with these extents and a cache of this size; 0 for the whole box.
std::int64_t rows(const KernelFunction& kernel, std::int64_t layer_rows, std::int64_t columns,
                  std::int64_t cache = 256 * kibibyte) {
  const runtime::PreparedKernel prepared =
      runtime::prepare(kernel.kernel_ir(), kernel.parameters(), kernel.iteration_ranges());
  const BlockUse use(kernel.kernel_ir(), prepared, kernel.config().cpu.block_rows, {cache, 64 * cache});
  std::vector<std::uint64_t> block(runtime::CallFrame::size(prepared) / 8);
  const runtime::CallFrame frame(prepared, reinterpret_cast<std::byte*>(block.data()));
  const std::vector<std::int64_t> end{100, layer_rows, columns};
  for (std::size_t d = 0; d < static_cast<std::size_t>(prepared.rank); ++d) {
    frame.begin()[d] = 0;
    frame.end()[d] = end[d];
  }
  const Blocks blocks = use.blocks(frame);
  EXPECT_TRUE(blocks.stride == 0 || blocks.dimension == 1);
  return blocks.stride;
}

TEST(BlockUse, LayersStayInTheCache) {
  // Three layers of u and one of v: 32 bytes per cell of a layer, 8 KiB per row of 256 cells.
  EXPECT_EQ(rows(star(1), 32, 256), 0);
  EXPECT_EQ(rows(star(1), 33, 256), 16);
  EXPECT_EQ(rows(star(1), 1000, 256), 16);
  EXPECT_EQ(rows(star(1, {}, DType::float32), 1000, 256), 32);
  // Nine layers and one.
  EXPECT_EQ(rows(star(4), 1000, 128), 12);
  // At least eight rows, while they fit.
  EXPECT_EQ(rows(star(1), 1000, 1024), 8);
  EXPECT_EQ(rows(star(1), 1000, 1025), 0);
  // An unknown cache has 1 MiB.
  EXPECT_EQ(rows(star(1), 1000, 256, 0), 64);
}

TEST(BlockUse, OnlyWhereLayersAreReadAgain) {
  EXPECT_EQ(rows(star(0), 1000, 256), 0);
  const auto [f, g] = fields<2>("f(3), g(3): double[3D]");
  const KernelFunction pull =
      create_kernel({{g(0, 0, 0)(0), f(1, 0, 0)(0)}, {g(0, 0, 0)(1), f(-1, 0, 0)(1)}, {g(0, 0, 0)(2), f(0, 0, 0)(2)}});
  EXPECT_EQ(rows(pull, 1000, 256), 0);
  const auto [u, v] = fields<2>("u, v: double[2D]");
  EXPECT_EQ(rows(create_kernel(assign(v(0, 0), u(1, 0) + u(-1, 0))), 1000, 100000), 0);
  const auto w = fields("w: double[3D]").front();
  EXPECT_EQ(
      rows(create_kernel(assign(w(0, 0, 0), w(-1, 0, 0) + w(1, 0, 0)), {.skip_independence_check = true}), 1000, 256),
      0);
}

TEST(BlockUse, AsTheUserChooses) {
  EXPECT_EQ(rows(star(1, {.block_rows = 0}), 1000, 256), 0);
  EXPECT_EQ(rows(star(1, {.block_rows = 5}), 10, 10), 5);
}

TEST(BlockUse, StepsAreRows) {
  const auto [u, v] = fields<2>("u, v: double[3D]");
  const auto kernel = [&, u = u, v = v](const CpuOptions& options) {
    return create_kernel(assign(v(0, 0, 0), u(-1, 0, 0) + u(1, 0, 0)),
                         {.iteration_slice = slices("1:-1, 1:-1:3, 1:-1"), .cpu = options});
  };
  EXPECT_EQ(rows(kernel({}), 1000, 256), 15);
  EXPECT_EQ(rows(kernel({.block_rows = 5}), 1000, 256), 15);
}

TEST(BlockUse, NoBitDependsOnIt) {
  for (const NamedJit& named : all_jits()) {
    SCOPED_TRACE(named.name);
    const auto result = [&](const CpuOptions& options) {
      const auto [u, v] = fields<2>("u, v: double[3D]");
      const CompiledKernel kernel =
          create_kernel(assign(v(0, 0, 0), (u(1, 0, 0) + u(-1, 0, 0) + u(0, 1, 0) + u(0, -1, 0)) / 3),
                        {.jit = named.jit, .iteration_slice = slices("1:-1, 1:-1:2, :"), .cpu = options})
              .compile();
      Array<double> a({30, 41, 17}), b({30, 41, 17});
      for (int z = 0; z < 30; ++z) {
        for (int y = 0; y < 41; ++y) {
          for (int x = 0; x < 17; ++x) a(z, y, x) = 1.0 / (1 + z * 700 + y * 17 + x);
        }
      }
      kernel({{"u", a}, {"v", b}});
      Array<double> c({30, 41, 17});
      kernel.bind({{"u", a}, {"v", c}})();
      EXPECT_TRUE(std::equal(b.data(), b.data() + b.size(), c.data()));
      return std::vector<double>(b.data(), b.data() + b.size());
    };
    const std::vector<double> expected = result({.threads = 1, .block_rows = 0});
    for (const std::int64_t block_rows : {1, 2, 7, 19, 20, 100}) {
      EXPECT_EQ(result({.threads = 1, .block_rows = block_rows}), expected) << block_rows;
      EXPECT_EQ(result({.threads = 3, .block_rows = block_rows}), expected) << block_rows;
    }
  }
}

}  // namespace
}  // namespace cppstencils::testing
