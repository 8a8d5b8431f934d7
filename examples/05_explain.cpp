/// What a kernel costs, and how near to the bound of this machine a call comes.
#include <cppstencils/cppstencils.hpp>
#include <iostream>

namespace cs = cppstencils;

int main() {
  auto [u, v] = cs::fields<2>("u, v: double[2D]");
  const cs::KernelFunction kernel = cs::create_kernel(
      cs::assign(v(0, 0), cs::rational(1, 4) * (u(1, 0) + u(-1, 0) + u(0, 1) + u(0, -1))), {.function_name = "smooth"});
  const cs::KernelExplanation cell = kernel.explain();

  cs::Array<double> a({4001, 4001}), b({4001, 4001});
  a.fill(1);
  const cs::BoundKernel step = kernel.compile().bind({{"u", a}, {"v", b}});
  const cs::BoundExplanation call = step.explain({.measurement = step.measure()});
  std::cout << to_string(call);

  const bool counted = cell.flops() == 4 && cell.bytes(cs::StorePolicy::cached) == 24;
  return counted && call.share_of_bound() > 0 && b(2000, 2000) == 1 ? 0 : 1;
}
