#include "kernels.hpp"

#include "lbm/lattice.hpp"
#include "lbm/update_rule.hpp"

namespace cppstencils::testing {

std::vector<KernelFunction> sample_kernels(Target target) {
  std::vector<KernelFunction> kernels;
  auto [u, v] = fields<2>("u, v: double[2D]");
  const Symbol h("h"), a("a"), b("b");
  kernels.push_back(create_kernel(assign(v(0, 0), (u(1, 0) + u(-1, 0) + u(0, 1) + u(0, -1)) / 4 + h),
                                  {.function_name = "smooth", .target = target}));
  kernels.push_back(
      create_kernel(assign(v(0, 0), select(u(0, 0) > a, exp(-a * u(0, 0)), pow(b, 3) / a + 0.1)),
                    {.function_name = "functions", .target = target, .iteration_slice = slices("1:-1:2, :")}));
  for (const FpMode mode : {FpMode::strict, FpMode::contract, FpMode::fast}) {
    auto [f, g] = fields<2>("f(19), g(19): double[3D]", "soa");
    kernels.push_back(create_kernel(lbm::stream_and_collide(lbm::d3q19, f, g, lbm::Bgk{Symbol("rate")}),
                                    {.function_name = "d3q19", .target = target, .fp_mode = mode}));
  }
  const Field counts("counts", 1, {.dtype = DType::uint16}), sums("sums", 1, {.dtype = DType::uint16});
  kernels.push_back(
      create_kernel(assign(sums(0), counts(-1) * 3 + counts(1) / 7), {.function_name = "counts", .target = target}));
  const Philox rng(DType::float64, Symbol("seed", DType::uint32), {.periods = {0, 8}});
  kernels.push_back(create_kernel(assign(v(0, 0), u(0, 0) + h * rng.normal(Symbol("step", DType::uint32))[1]),
                                  {.function_name = "noise", .target = target}));
  kernels.push_back(create_kernel(assign(v(0, 0), diff(expand(pow(a + u(0, 0) * b, 3)), a)),
                                  {.function_name = "calculus", .target = target}));
  return kernels;
}

std::string all_texts(const std::vector<KernelFunction>& kernels) {
  std::string text;
  for (const KernelFunction& kernel : kernels) text += kernel.assignments() + kernel.ir() + kernel.source();
  for (const Target target : {Target::cuda, Target::hip}) {
    for (const KernelFunction& kernel : sample_kernels(target)) text += kernel.source();
  }
  return text;
}

}  // namespace cppstencils::testing
