// Arrays with more than 2^31 cells, on memory of which only a few pages exist.

#include <gtest/gtest.h>
#include <sys/mman.h>

#include "cppstencils/cppstencils.hpp"

namespace cppstencils {
namespace {

/// Address space without memory: a page exists once it is written.
class SparseMemory {
 public:
  explicit SparseMemory(std::size_t size)
      : size_(size),
        memory_(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {}
  SparseMemory(const SparseMemory&) = delete;
  SparseMemory& operator=(const SparseMemory&) = delete;
  ~SparseMemory() {
    if (exists()) munmap(memory_, size_);
  }
  bool exists() const { return memory_ != MAP_FAILED; }
  template <class T>
  T* as() const {
    return static_cast<T*>(memory_);
  }

 private:
  std::size_t size_;
  void* memory_;
};

TEST(LargeArrays, ThreeBillionBytes) {
  constexpr std::int64_t cells = 3'000'000'000;
  const SparseMemory source(cells);
  const SparseMemory target(cells);
  ASSERT_TRUE(source.exists() && target.exists());
  const auto [u, v] = fields<2>("u, v: uint8[1D]");
  InterpreterJit jit;
  const CompiledKernel kernel = jit.compile(create_kernel(assign(v(0), u(1) + u(-1))));
  const ArrayView<const std::uint8_t> a(source.as<std::uint8_t>(), {cells});
  const ArrayView<std::uint8_t> b(target.as<std::uint8_t>(), {cells});
  for (std::int64_t i = cells - 8; i < cells; ++i) source.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(cells - i);
  const BoundKernel bound = kernel.bind({{"u", a}, {"v", b}});
  EXPECT_EQ(bound.cells(), cells - 2);
  EXPECT_EQ(bound.box()[0].end, cells - 1);
  bound.run(std::vector<CellRange>{{cells - 5, cells - 1}});
  EXPECT_EQ(b(cells - 6), 0);
  for (std::int64_t i = cells - 5; i < cells - 1; ++i) EXPECT_EQ(b(i), 2 * (cells - i));
  EXPECT_EQ(b(cells - 1), 0);
}

TEST(LargeArrays, HugeStrides) {
  // 4 x 4 doubles, 2 GiB from row to row, and the rows backwards.
  constexpr std::int64_t row = (std::int64_t{1} << 31) / 8;
  const SparseMemory source(4 * 8 * row);
  const SparseMemory target(4 * 8 * row);
  ASSERT_TRUE(source.exists() && target.exists());
  const auto [u, v] = fields<2>("u, v: double[2D]");
  InterpreterJit jit;
  const CompiledKernel kernel = jit.compile(create_kernel(assign(v(0, 0), u(1, 0) - u(-1, 0) + u(0, 1))));
  const ArrayView<double> a(source.as<double>() + 3 * row, {4, 4}, {-row, 1});
  const ArrayView<double> b(target.as<double>(), {4, 4}, {row, 1});
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) a(i, j) = 10 * i + j;
  }
  kernel({{"u", a}, {"v", b}});
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) {
      const bool inside = i >= 1 && i <= 2 && j >= 1 && j <= 2;
      EXPECT_EQ(b(i, j), inside ? a(i + 1, j) - a(i - 1, j) + a(i, j + 1) : 0.0) << i << " " << j;
    }
  }
}

}  // namespace
}  // namespace cppstencils
