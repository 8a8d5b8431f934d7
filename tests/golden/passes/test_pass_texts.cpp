// What each pass makes of one small kernel.

#include <gtest/gtest.h>

#include <string>

#include <fmt/format.h>

#include "passes/pipeline.hpp"
#include "support/golden.hpp"

namespace cppstencils::testing {
namespace {

/// A heat step with a folded factor, a common subexpression, invariants and something dead.
constexpr std::string_view heat = R"(kernel heat(rank 2, {}, independent) {{
  buffer u: float64, rank 2, read
  buffer v: float64, rank 2, write
  buffer flux: float64, rank 2, index (2), write
  scalar alpha: float64
  scalar h: float64
  loop i0 step 1 {{
    loop i1 step 1 {{
      let two.0: float64 = 1.0 + 1.0
      let unused.1: float64 = u[0,0] * u[0,0]
      let laplace.2: float64 = u[0,1] + u[0,-1] + u[1,0] + u[-1,0] - two.0 * two.0 * u[0,0]
      let slope.3: float64 = (u[0,1] - u[0,-1]) / two.0
      store v[0,0] = u[0,0] + $alpha * laplace.2 / ($h * $h)
      store flux[0,0](0) = slope.3
      store flux[0,0](1) = slope.3 * 1.0 / ($h * $h)
    }}
  }}
}}
)";

std::string trace_text(std::string_view mode, ir::InnerStride inner_stride) {
  const ir::Kernel kernel = ir::parse_kernel(fmt::format(heat, mode));
  std::string text = fmt::format("== created\n{}", to_string(kernel));
  for (const passes::PassTrace& trace : passes::trace(kernel, {.inner_stride = inner_stride})) {
    text += fmt::format("\n== {}\n{}", trace.name, trace.ir);
  }
  return text;
}

TEST(PassTexts, StrictUnit) { expect_golden("passes", "strict_unit", trace_text("strict", ir::InnerStride::unit)); }
TEST(PassTexts, StrictAny) { expect_golden("passes", "strict_any", trace_text("strict", ir::InnerStride::any)); }
// The argument is fused in this mode; the arithmetic of the function stands behind that as it is.
TEST(PassTexts, Function) {
  const ir::Kernel kernel = ir::parse_kernel(R"(kernel growth(rank 1, contract, independent) {
  buffer u: float64, rank 1, read
  buffer v: float64, rank 1, write
  loop i0 step 1 {
    store v[0] = exp(2.0 * u[0] + 1.0)
  }
}
)");
  std::string text = fmt::format("== created\n{}", to_string(kernel));
  for (const passes::PassTrace& trace : passes::trace(kernel, {.inner_stride = ir::InnerStride::unit})) {
    text += fmt::format("\n== {}\n{}", trace.name, trace.ir);
  }
  expect_golden("passes", "function", text);
}

TEST(PassTexts, ContractUnit) {
  expect_golden("passes", "contract_unit", trace_text("contract", ir::InnerStride::unit));
}
TEST(PassTexts, FastUnit) { expect_golden("passes", "fast_unit", trace_text("fast", ir::InnerStride::unit)); }

}  // namespace
}  // namespace cppstencils::testing
