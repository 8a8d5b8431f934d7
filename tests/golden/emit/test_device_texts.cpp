// The CUDA and HIP text of kernels that show every part of it.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "emit/ir_to_device.hpp"
#include "support/golden.hpp"
#include "support/stencil_kernels.hpp"

namespace cppstencils::testing {
namespace {

using emit::DeviceTextOptions;
using enum ir::IndexingScheme;

constexpr std::string_view heat = R"(kernel heat(rank 2, contract, independent) {
  buffer u: float64, rank 2, read
  buffer v: float64, rank 2, write
  scalar alpha: float64
  loop i0 step 1 {
    loop i1 step 1 {
      let laplace.0: float64 = u[0,1] + u[0,-1] + u[1,0] + u[-1,0] - 4.0 * u[0,0]
      store v[0,0] = u[0,0] + $alpha * laplace.0
    }
  }
}
)";

constexpr std::string_view mixed = R"(kernel mixed(rank 1, strict, independent) {
  buffer flags: bool, rank 1, read
  buffer a: int32, rank 1, read
  buffer x: float32, rank 1, read
  buffer y: float32, rank 1, index (2), write
  buffer mask: bool, rank 1, write
  scalar limit: float32
  scalar on: bool
  loop i0 step 2 {
    let root.0: float32 = square_root(absolute(x[0]))
    let choice.1: float32 = select(flags[0] && $on, root.0, minimum(x[1], $limit))
    let quotient.2: float32 = float32(a[0] / a[-1]) + float32(i0)
    let small.3: bool = x[0] < inf_f32
    store y[0](0) = choice.1
    store y[0](1) = quotient.2
    store mask[0] = small.3
  }
}
)";

constexpr std::string_view residual = R"(kernel residual(rank 2, strict, independent) {
  buffer u: float64, rank 2, read
  buffer v: float64, rank 2, write
  reduction change: float64, maximum
  reduction sum: int32, subtract
  loop i0 step 1 {
    loop i1 step 2 {
      let next.0: float64 = 0.5 * (u[0,1] + u[0,-1])
      reduce change = absolute(next.0 - u[0,0])
      reduce sum = int32(next.0)
      store v[0,0] = next.0
    }
  }
}
)";

void expect_text(std::string_view name, std::string_view kernel, const DeviceTextOptions& options) {
  expect_golden("emit", name, emit::ir_to_device(ir::parse_kernel(kernel), options).text);
}

TEST(DeviceTexts, HeatCuda) {
  expect_text("heat_cuda", heat, {.mapping = {.block = {128, 2, 1}}, .inner_stride = ir::InnerStride::unit});
}

TEST(DeviceTexts, HeatCudaSeveralCells) {
  expect_text("heat_cuda_cells", heat,
              {.mapping = {.scheme = gridstrided_linear3d, .block = {64, 4, 1}, .cells = {.inner = 2, .outer = 2}},
               .inner_stride = ir::InnerStride::unit,
               .index_width = emit::IndexWidth::bits32});
}

TEST(DeviceTexts, HeatHipLinear) {
  expect_text("heat_hip", heat, {.dialect = emit::Dialect::hip, .mapping = {.scheme = linear1d}});
}

TEST(DeviceTexts, Mixed) { expect_text("mixed_cuda", mixed, {}); }

TEST(DeviceTexts, FourLoopsBlockwise) {
  expect_golden(
      "emit", "blockwise_cuda",
      emit::ir_to_device(jacobi(4), {.mapping = {.scheme = blockwise4d}, .inner_stride = ir::InnerStride::unit}).text);
}

TEST(DeviceTexts, Reductions) {
  expect_text("reductions_cuda", residual,
              {.mapping = {.scheme = tiles, .block = {64, 1, 1}}, .inner_stride = ir::InnerStride::unit});
}

TEST(DeviceTexts, TheSameBytesAgain) {
  const DeviceTextOptions options{.mapping = {.cells = {.outer = 3}}};
  EXPECT_EQ(emit::ir_to_device(d3q19(), options).text, emit::ir_to_device(d3q19(), options).text);
}

}  // namespace
}  // namespace cppstencils::testing
