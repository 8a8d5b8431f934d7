/// Heat in a square plate whose border is kept at zero: explicit steps between two arrays, checked against the solution
/// in closed form.
#include <cmath>
#include <cppstencils/cppstencils.hpp>
#include <iostream>
#include <numbers>

namespace cs = cppstencils;

int main() {
  constexpr int n = 129;  // grid points per direction, border included
  constexpr double h = 1.0 / (n - 1);
  constexpr double ratio = 0.2;  // conductivity * time step / h^2; stable up to 1/4
  constexpr int steps = 2000;    // an even number: the result ends in `plate`

  auto [u, u_next] = cs::fields<2>("u, u_next: double[2D]");
  const cs::Symbol r("r");
  const cs::Expr laplacian = u(1, 0) + u(-1, 0) + u(0, 1) + u(0, -1) - 4 * u(0, 0);
  const cs::CompiledKernel heat =
      cs::create_kernel(cs::assign(u_next(0, 0), u(0, 0) + r * laplacian), {.function_name = "heat"}).compile();

  // Without fixed ghost layers the kernel leaves out the one layer of cells that the stencil needs around a cell; the
  // border keeps its zeros.
  cs::Array<double> plate({n, n}), other({n, n});
  const auto shape = [](int i) { return std::sin(std::numbers::pi * h * i); };
  for (int i = 1; i < n - 1; ++i) {
    for (int j = 1; j < n - 1; ++j) plate(i, j) = shape(i) * shape(j);
  }

  const auto there = heat.bind({{"u", plate}, {"u_next", other}, {"r", ratio}});
  const auto back = heat.bind({{"u", other}, {"u_next", plate}, {"r", ratio}});
  for (int step = 0; step < steps; step += 2) {
    there();
    back();
  }

  // The sine is an eigenvector of the discrete step: each one multiplies it by the same factor.
  const double s = std::sin(std::numbers::pi * h / 2);
  const double discrete = std::pow(1 - 8 * ratio * s * s, steps);
  const double continuous = std::exp(-2 * std::numbers::pi * std::numbers::pi * ratio * h * h * steps);
  double largest = 0;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) largest = std::max(largest, std::abs(plate(i, j) - discrete * shape(i) * shape(j)));
  }
  std::cout << "After " << steps << " steps the centre has cooled from 1 to " << plate(n / 2, n / 2) << "\n"
            << "  heat equation, closed form    " << continuous << "\n"
            << "  deviation from the discrete closed form, largest of all points: " << largest << "\n";

  const bool right = largest < 1e-12 && std::abs(plate(n / 2, n / 2) - continuous) < 1e-3;
  if (!right) std::cerr << "The result is wrong.\n";
  return right ? 0 : 1;
}
