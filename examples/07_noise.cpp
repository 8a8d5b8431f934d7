/// Random numbers that do not depend on who computes a cell: half of a domain gets the numbers of the whole.
#include <cppstencils/cppstencils.hpp>
#include <cstdint>
#include <iostream>

namespace cs = cppstencils;

int main() {
  // Diffusion with noise, of the part of a domain that begins at row `first_row`.
  auto [u, v] = cs::fields<2>("u, v: double[2D]");
  const cs::Symbol step("step", cs::DType::uint32), seed("seed", cs::DType::uint32);
  const cs::Symbol first_row("first_row", cs::DType::int64);
  const cs::Philox rng(cs::DType::float64, seed, {.offsets = {first_row}});
  const cs::Expr noise = rng.uniform(step)[0] - cs::rational(1, 2);  // the second number is not used
  const cs::Expr mean = (u(1, 0) + u(-1, 0) + u(0, 1) + u(0, -1)) / 4;
  const cs::CompiledKernel kernel = cs::create_kernel(cs::assign(v(0, 0), mean + noise / 10)).compile();

  const auto advanced = [&](std::int64_t first, std::int64_t rows) {
    cs::Array<double> before({rows, 100}), after({rows, 100});
    before.fill(1);
    kernel({{"u", before}, {"v", after}, {"first_row", first}, {"seed", 42U}, {"step", 7U}});
    return after;
  };
  const cs::Array<double> whole = advanced(0, 80), half = advanced(40, 40);
  bool same = whole(41, 50) != whole(41, 51);
  for (std::int64_t x = 1; x < 39; ++x) {
    for (std::int64_t y = 1; y < 99; ++y) same = same && half(x, y) == whole(40 + x, y);
  }
  std::cout << (same ? "The halves of the domain have the numbers of the whole.\n" : "The numbers differ.\n");
  return same ? 0 : 1;
}
