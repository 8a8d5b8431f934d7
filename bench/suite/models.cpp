#include "suite/models.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "lbm/lattice.hpp"
#include "lbm/update_rule.hpp"

namespace bench {

namespace {

using cs::AssignmentList;
using cs::DType;
using cs::Expr;
using cs::Field;

template <std::size_t Count>
std::array<Field, Count> declare(std::string_view names, DType dtype, int rank) {
  return cs::fields<Count>(fmt::format("{}: {}[{}D]", names, to_string(dtype), rank), cs::Layout::soa());
}

/// The sum of the elements at all offsets of {-1, 0, 1}^3 with this squared length, in the order of the rows.
Expr ring(const Field& u, int squared_length) {
  std::vector<Expr> terms;
  for (int z = -1; z <= 1; ++z) {
    for (int y = -1; y <= 1; ++y) {
      for (int x = -1; x <= 1; ++x) {
        if (x * x + y * y + z * z == squared_length) terms.push_back(u(x, y, z));
      }
    }
  }
  return cs::sum(terms);
}

/// The sum of the six elements that are `r` cells away along an axis.
Expr around(const Field& u, int r) {
  return u(-r, 0, 0) + u(r, 0, 0) + u(0, -r, 0) + u(0, r, 0) + u(0, 0, -r) + u(0, 0, r);
}

AssignmentList stencil_2d_5(DType dtype) {
  const auto [a, z] = declare<2>("a, z", dtype, 2);
  return cs::assign(z(0, 0), (a(1, 0) + a(-1, 0) + a(0, 1) + a(0, -1)) / 4 + cs::Symbol("h"));
}

AssignmentList stencil_3d_7(DType dtype) {
  const auto [a, z] = declare<2>("a, z", dtype, 3);
  return cs::assign(z(0, 0, 0), cs::rational(1, 6) * around(a, 1));
}

AssignmentList stencil_3d_27(DType dtype) {
  const auto [a, z] = declare<2>("a, z", dtype, 3);
  return cs::assign(z(0, 0, 0), cs::rational(1, 2) * a(0, 0, 0) + cs::rational(1, 25) * ring(a, 1) +
                                    cs::rational(3, 200) * ring(a, 2) + cs::rational(1, 100) * ring(a, 3));
}

// The Laplacian of order 8 along each axis.
AssignmentList star_3d_25(DType dtype) {
  const auto [a, z] = declare<2>("a, z", dtype, 3);
  const Expr bend = cs::rational(-205, 24) * a(0, 0, 0) + cs::rational(8, 5) * around(a, 1) +
                    cs::rational(-1, 5) * around(a, 2) + cs::rational(8, 315) * around(a, 3) +
                    cs::rational(-1, 560) * around(a, 4);
  return cs::assign(z(0, 0, 0), a(0, 0, 0) + cs::Symbol("s") * bend);
}

// Diffusion: a is the coefficient, its mean between two cells counts (the 1/2 is in s).
AssignmentList variable_3d(DType dtype) {
  const auto [a, b, z] = declare<3>("a, b, z", dtype, 3);
  const auto flow = [&a = a, &b = b](int x, int y, int w) {
    return (a(x, y, w) + a(0, 0, 0)) * (b(x, y, w) - b(0, 0, 0));
  };
  const Expr change = flow(1, 0, 0) + flow(-1, 0, 0) + flow(0, 1, 0) + flow(0, -1, 0) + flow(0, 0, 1) + flow(0, 0, -1);
  return cs::assign(z(0, 0, 0), b(0, 0, 0) + cs::Symbol("s") * change);
}

AssignmentList wave_3d(DType dtype) {
  const auto [a, b, z] = declare<3>("a, b, z", dtype, 3);
  const Expr bend = around(b, 1) - 6 * b(0, 0, 0);
  return cs::assign(z(0, 0, 0), 2 * b(0, 0, 0) - a(0, 0, 0) + cs::Symbol("s") * bend);
}

// Allen and Cahn with the double well u^2 (1 - u)^2.
AssignmentList phase_field_3d(DType dtype) {
  const auto [a, z] = declare<2>("a, z", dtype, 3);
  const Expr u = a(0, 0, 0);
  const Expr bend = around(a, 1) - 6 * u;
  const Expr well = 2 * u * (1 - u) * (1 - 2 * u);
  return cs::assign(z(0, 0, 0), u + cs::Symbol("step") * (cs::Symbol("kappa") * bend - well));
}

template <const auto& lattice, class Collision>
AssignmentList step(DType dtype, const Collision& collision) {
  const auto [a, z] = declare<2>(fmt::format("a({0}), z({0})", lattice.directions), dtype, lattice.dimensions);
  return lbm::stream_and_collide(lattice, a, z, collision);
}

template <const auto& lattice>
AssignmentList bgk(DType dtype) {
  return step<lattice>(dtype, lbm::Bgk{cs::Symbol("rate")});
}

template <const auto& lattice>
AssignmentList trt(DType dtype) {
  return step<lattice>(dtype, lbm::Trt{cs::Symbol("even_rate"), cs::Symbol("odd_rate")});
}

}  // namespace

const std::vector<Model>& models() {
  using Loops = hand_written::Kernel;
  static const std::vector<Model> list{
      {"2D 5-point", 2, 1, 0, {"a"}, {{"h", 0.25}}, stencil_2d_5, Loops::stencil_2d_5},
      {"3D 7-point", 3, 1, 0, {"a"}, {}, stencil_3d_7, Loops::stencil_3d_7},
      {"3D 27-point", 3, 1, 0, {"a"}, {}, stencil_3d_27, Loops::stencil_3d_27},
      {"3D 25-point star", 3, 4, 0, {"a"}, {{"s", 0.05}}, star_3d_25, Loops::star_3d_25},
      {"3D variable coefficients", 3, 1, 0, {"a", "b"}, {{"s", 0.05}}, variable_3d, Loops::variable_3d},
      {"3D wave", 3, 1, 0, {"a", "b"}, {{"s", 0.1}}, wave_3d, Loops::wave_3d},
      {"3D phase field", 3, 1, 0, {"a"}, {{"kappa", 0.5}, {"step", 0.1}}, phase_field_3d, Loops::phase_field_3d},
      {"D2Q9 BGK", 2, 1, 9, {"a"}, {{"rate", 1.6}}, bgk<lbm::d2q9>, Loops::d2q9_bgk},
      {"D3Q19 BGK", 3, 1, 19, {"a"}, {{"rate", 1.6}}, bgk<lbm::d3q19>, Loops::d3q19_bgk},
      {"D3Q19 TRT", 3, 1, 19, {"a"}, {{"even_rate", 1.6}, {"odd_rate", 1.2}}, trt<lbm::d3q19>, Loops::d3q19_trt},
      {"D3Q27 BGK", 3, 1, 27, {"a"}, {{"rate", 1.6}}, bgk<lbm::d3q27>, Loops::d3q27_bgk},
  };
  return list;
}

const Model& model(std::string_view name) {
  for (const Model& one : models()) {
    if (one.name == name) return one;
  }
  throw std::runtime_error(fmt::format("No kernel of the suite is named '{}'.", name));
}

cs::CreateKernelConfig config_for(DType dtype, cs::CpuOptions cpu, cs::FpMode mode) {
  return {.default_dtype = dtype, .fp_mode = mode, .cpu = std::move(cpu)};
}

cs::CompiledKernel compiled(const Model& model, cs::DType dtype, const cs::CpuOptions& cpu, cs::FpMode mode) {
  return cs::create_kernel(model.build(dtype), config_for(dtype, cpu, mode)).compile();
}

AssignmentList copy_assignments() {
  const auto [a, z] = declare<2>("a, z", DType::float64, 2);
  return cs::assign(z(0, 0), a(0, 0));
}

AssignmentList triad_assignments() {
  const auto [a, b, z] = declare<3>("a, b, z", DType::float64, 2);
  return cs::assign(z(0, 0), a(0, 0) + cs::Symbol("s") * b(0, 0));
}

}  // namespace bench
