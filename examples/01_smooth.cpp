#include <cppstencils/cppstencils.hpp>
#include <iostream>
namespace cs = cppstencils;

int main() {
  auto [u, v] = cs::fields<2>("u, v: double[2D]");
  cs::Symbol h("h");
  cs::KernelFunction kernel = cs::create_kernel(cs::assign(v(0, 0), (u(1, 0) + u(-1, 0) + u(0, 1) + u(0, -1)) / 4 + h),
                                                {.function_name = "smooth"});
  cs::CompiledKernel smooth = kernel.compile();

  cs::Array<double> a({1000, 1000}), b({1000, 1000});
  a.fill(1);
  smooth({{"u", a}, {"v", b}, {"h", 0.25}});
  std::cout << "b(1, 1) = " << b(1, 1) << "\n" << kernel.ir();
}
