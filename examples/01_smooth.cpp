/// The ten lines of the README: a stencil as mathematics, compiled in the running process, applied to an array.
#include <cmath>
#include <cppstencils/cppstencils.hpp>
#include <iostream>

namespace cs = cppstencils;

int main() {
  // [readme]
  auto [u, v] = cs::fields<2>("u, v: double[2D]");
  cs::Symbol h("h");

  cs::KernelFunction kernel = cs::create_kernel(cs::assign(v(0, 0), (u(1, 0) + u(-1, 0) + u(0, 1) + u(0, -1)) / 4 + h),
                                                cs::CreateKernelConfig{.function_name = "smooth"});
  cs::CompiledKernel smooth = kernel.compile();

  cs::Array<double> a({1000, 1000}), b({1000, 1000});
  a(500, 500) = 1.0;
  smooth({{"u", a}, {"v", b}, {"h", 0.25}});
  std::cout << kernel.source() << "b(500, 501) = " << b(500, 501) << "\n";
  // [/readme]

  // One quarter of the neighbour's 1, plus h. The border of one cell is left as it was.
  const bool right = b(500, 501) == 0.5 && b(500, 500) == 0.25 && b(1, 1) == 0.25 && b(0, 0) == 0.0;
  if (!right) std::cerr << "The result is wrong.\n";
  return right ? 0 : 1;
}
