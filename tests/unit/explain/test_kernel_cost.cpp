#include "explain/kernel_cost.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cppstencils/cppstencils.hpp"
#include "support/stencil_kernels.hpp"

namespace cppstencils::testing {
namespace {

KernelExplanation explain(const AssignmentList& assignments, FpMode mode = FpMode::strict) {
  return create_kernel(assignments, {.fp_mode = mode}).explain();
}

TEST(KernelCost, CountsTheFivePointStencilAsByHand) {
  const KernelExplanation cost = explain::explain_kernel(jacobi(2));
  EXPECT_EQ(cost.float64, (OperationCounts{.additions = 3, .multiplications = 1}));
  EXPECT_EQ(cost.float32, OperationCounts());
  EXPECT_EQ(cost.fields[0], (FieldTraffic{"dst", DType::float64, 0, 1, 0, 1, 1}));
  EXPECT_EQ(cost.fields[1], (FieldTraffic{"src", DType::float64, 4, 0, 1, 0, 0}));
  EXPECT_EQ(cost.bytes(StorePolicy::cached), 24);
  EXPECT_EQ(cost.bytes(StorePolicy::streaming), 16);
  EXPECT_EQ(cost.intensity(StorePolicy::streaming), 0.25);
}

TEST(KernelCost, CountsTheBytesOfD3Q19AsPublished) {
  const KernelExplanation cost = explain::explain_kernel(d3q19());
  EXPECT_EQ(cost.bytes(StorePolicy::cached), 456);
  EXPECT_EQ(cost.bytes(StorePolicy::streaming), 304);
  EXPECT_EQ(cost.fields[1].reads, 19);
  EXPECT_EQ(cost.fields[0].write_only, 19);
  EXPECT_EQ(cost.float64.divisions, 3);
}

TEST(KernelCost, FloatsHaveHalfTheBytes) {
  const KernelExplanation cost = explain::explain_kernel(jacobi(3, DType::float32));
  EXPECT_EQ(cost.float32, (OperationCounts{.additions = 5, .multiplications = 1}));
  EXPECT_EQ(cost.flops(), 6);
  EXPECT_EQ(cost.bytes(StorePolicy::cached), 12);
}

TEST(KernelCost, WhatIsUpdatedInPlaceIsReadOnce) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  const KernelExplanation cost = explain({assign(v(0, 0), v(0, 0) + u(0, 0))});
  EXPECT_EQ(cost.bytes(StorePolicy::cached), 24);
  EXPECT_EQ(cost.bytes(StorePolicy::streaming), 24);
  EXPECT_EQ(cost.bytes_allocated(StorePolicy::cached), 0);
}

TEST(KernelCost, WhatAKernelReadsAtAnotherIndexKeepsItsWritesInTheCaches) {
  const auto [u] = fields<1>("u(2): double[2D]");
  const KernelExplanation cost = explain({assign(u(0, 0)(1), 2 * u(0, 0)(0))});
  EXPECT_EQ(cost.bytes(StorePolicy::cached), 24);
  EXPECT_EQ(cost.bytes(StorePolicy::streaming), 24);
}

TEST(KernelCost, SharedAndInvariantValuesCountOnce) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  const Symbol h("h");
  // h / (h + 1) belongs to no cell; u + 1 is computed once; (u + 1)^2 is one product.
  const Expr shared = (u(0, 0) + 1) * (u(0, 0) + 1);
  const KernelExplanation cost = explain({assign(v(0, 0), h / (h + 1) * (shared + sqrt(shared)))});
  EXPECT_EQ(cost.float64, (OperationCounts{.additions = 2, .multiplications = 2, .square_roots = 1}));
}

TEST(KernelCost, WhatNobodyUsesCostsNothing) {
  const auto [u, v, w] = fields<3>("u, v, w: double[2D]");
  const KernelExplanation cost = explain({assign(Symbol("unused"), exp(w(0, 0)) + w(1, 0)), assign(v(0, 0), u(0, 0))});
  EXPECT_EQ(cost.flops(), 0);
  EXPECT_EQ(cost.bytes(StorePolicy::streaming), 16);
}

TEST(KernelCost, AFusedMultiplyAddIsTwoFlops) {
  const auto [u, v, w] = fields<3>("u, v, w: double[2D]");
  const AssignmentList assignments{assign(w(0, 0), u(0, 0) * v(0, 0) + w(0, 0))};
  const KernelExplanation fused = explain(assignments, FpMode::contract);
  EXPECT_EQ(fused.float64, (OperationCounts{.fused_multiply_adds = 1}));
  EXPECT_EQ(fused.flops(), 2);
  EXPECT_EQ(explain(assignments).float64, (OperationCounts{.additions = 1, .multiplications = 1}));
}

TEST(KernelCost, TellsOtherOperationsApart) {
  const auto [u, v] = fields<2>("u, v: double[1D]");
  const auto [k] = fields<1>("k: int64[1D]");
  const KernelExplanation cost =
      explain({assign(v(0), select(u(0) < 0, sin(u(0)), 1 / u(0)) + abs(u(0))), assign(k(0), k(0) * 3 + 1)});
  EXPECT_EQ(cost.float64, (OperationCounts{.additions = 1, .divisions = 1, .functions = 1, .comparisons = 2}));
  EXPECT_EQ(cost.bytes(StorePolicy::cached), 8 + 16 + 16);
}

TEST(KernelCost, CountsTheIntegersOfRandomNumbers) {
  const Field u("u", 3, {.index_shape = {2}});
  const std::vector<Expr> draw = Philox(DType::float64, 7).uniform(Symbol("step", DType::uint32));
  const KernelExplanation one = explain({assign(u(0, 0, 0)(0), draw[0])});
  const KernelExplanation both = explain({assign(u(0, 0, 0)(0), draw[0]), assign(u(0, 0, 0)(1), draw[1])});
  // Ten rounds, of which the last is cut in half.
  EXPECT_GT(one.integer_operations, 80);
  EXPECT_LT(both.integer_operations, one.integer_operations + 20);
  EXPECT_EQ(both.float64, (OperationCounts{.additions = 4, .comparisons = 2}));
  EXPECT_NE(to_string(both).find(fmt::format("  integers    {} operations\n", both.integer_operations)),
            std::string::npos);
  const auto [k] = fields<1>("k: int64[1D]");
  EXPECT_EQ(explain({assign(k(0), k(0) * coordinate(0))}).integer_operations, 0);
}

TEST(KernelCost, HasAText) {
  EXPECT_EQ(to_string(explain::explain_kernel(jacobi(2))),
            "kernel 'jacobi', strict arithmetic, per updated cell:\n"
            "  memory      24 bytes: 8 read, 8 written, 8 read by the caches before they are written\n"
            "              16 bytes with stores past the caches\n"
            "  float64     4 flops: 3 additions, 1 multiplication\n"
            "  intensity   0.167 flops per byte\n"
            "  'dst'       float64, writes 1 element of 1 stream\n"
            "  'src'       float64, reads 4 elements of 1 stream\n");
}

}  // namespace
}  // namespace cppstencils::testing
