// The C++ text of kernels that show every part of it.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "emit/ir_to_cpp.hpp"
#include "passes/pipeline.hpp"
#include "support/golden.hpp"

namespace cppstencils::testing {
namespace {

std::string cpp_text(const ir::Kernel& kernel) {
  return emit::ir_to_cpp(passes::optimize(kernel, {.inner_stride = ir::InnerStride::unit}),
                         passes::optimize(kernel, {.inner_stride = ir::InnerStride::any}));
}

constexpr std::string_view heat = R"(kernel heat(rank 2, {}, independent) {{
  buffer u: float64, rank 2, read
  buffer v: float64, rank 2, write
  scalar alpha: float64
  loop i0 step 1 {{
    loop i1 step 1 {{
      let laplace.0: float64 = u[0,1] + u[0,-1] + u[1,0] + u[-1,0] - 4.0 * u[0,0]
      store v[0,0] = u[0,0] + $alpha * laplace.0
    }}
  }}
}}
)";

TEST(CppTexts, HeatStrict) {
  expect_golden("emit", "heat_strict", cpp_text(ir::parse_kernel(fmt::format(heat, "strict"))));
}

TEST(CppTexts, HeatContract) {
  expect_golden("emit", "heat_contract", cpp_text(ir::parse_kernel(fmt::format(heat, "contract"))));
}

TEST(CppTexts, Integers) {
  expect_golden("emit", "integers", cpp_text(ir::parse_kernel(R"(kernel integers(rank 1, strict, independent) {
  buffer a: int32, rank 1, read
  buffer b: uint8, rank 1, read
  buffer flags: bool, rank 1, read
  buffer out: int32, rank 1, index (3), write
  buffer small: uint8, rank 1, write
  buffer mask: bool, rank 1, write
  scalar shift: int32
  loop i0 step 2 {
    let halo.0: int32 = a[-1] / 3i32 + a[1] * $shift - -a[0]
    let sum.1: uint8 = b[0] * b[-1] + 200u8
    let flag.2: bool = !flags[0] || bool(b[0])
    let choice.3: int32 = select(flags[0] && halo.0 < 0i32, -7i32, int32(i0))
    store out[0](0) = maximum(absolute(halo.0), a[0] / $shift)
    store out[0](1) = choice.3
    store out[0](2) = int32(float64(halo.0) * 0.5)
    store small[0] = sum.1
    store mask[0] = flag.2
  }
}
)")));
}

TEST(CppTexts, FloatFunctions) {
  expect_golden("emit", "float_functions", cpp_text(ir::parse_kernel(R"(kernel wave(rank 3, contract, independent) {
  buffer phase: float32, rank 3, read
  buffer result: float32, rank 3, write
  scalar steepness: float32
  loop i0 step 1 {
    loop i1 step 1 {
      loop i2 step 1 {
        let angle.0: float32 = phase[0,0,0] - phase[0,0,-1]
        let height.1: float32 = sin(angle.0) * exp(-absolute(angle.0)) + pow(phase[0,1,0], 1.5f32)
        store result[0,0,0] = minimum(square_root(height.1), tanh($steepness * floor(0.1f32 * phase[1,0,0])))
      }
    }
  }
}
)")));
}

TEST(CppTexts, Reductions) {
  expect_golden("emit", "reductions", cpp_text(ir::parse_kernel(R"(kernel residual(rank 2, strict, independent) {
  buffer u: float64, rank 2, read
  buffer v: float64, rank 2, write
  reduction change: float64, maximum
  reduction sum: float64, add
  loop i0 step 1 {
    loop i1 step 1 {
      let next.0: float64 = 0.5 * (u[0,1] + u[0,-1])
      reduce change = absolute(next.0 - u[0,0])
      reduce sum = next.0
      store v[0,0] = next.0
    }
  }
}
)")));
}

TEST(CppTexts, Sequential) {
  expect_golden("emit", "sequential", cpp_text(ir::parse_kernel(R"(kernel sweep(rank 2, strict, sequential) {
  buffer u: float64, rank 2, read_write
  loop i0 step 1 {
    loop i1 step 1 {
      store u[0,0] = select(u[-1,0] < 0.5, u[-1,0] + u[0,-1], u[0,-1]) / 2.0
    }
  }
}
)")));
}

}  // namespace
}  // namespace cppstencils::testing
