#include "kernels.hpp"

#include "lbm/lattice.hpp"
#include "lbm/update_rule.hpp"

namespace bench {

namespace cs = cppstencils;

cs::AssignmentList jacobi_2d() {
  auto [u, v] = cs::fields<2>("u, v: double[2D]");
  const cs::Symbol h("h");
  return cs::assign(v(0, 0), (u(1, 0) + u(-1, 0) + u(0, 1) + u(0, -1)) / 4 + h);
}

cs::AssignmentList jacobi_3d() {
  auto [u, v] = cs::fields<2>("u, v: double[3D]");
  const cs::Expr neighbours = u(1, 0, 0) + u(-1, 0, 0) + u(0, 1, 0) + u(0, -1, 0) + u(0, 0, 1) + u(0, 0, -1);
  return cs::assign(v(0, 0, 0), cs::rational(1, 6) * neighbours);
}

cs::AssignmentList wave_2d() {
  auto [before, now, after] = cs::fields<3>("before, now, after: double[2D]");
  const cs::Expr bend = now(1, 0) + now(-1, 0) + now(0, 1) + now(0, -1) - 4 * now(0, 0);
  return cs::assign(after(0, 0), 2 * now(0, 0) - before(0, 0) + cs::Symbol("s") * bend);
}

cs::AssignmentList d2q9() {
  auto [f, g] = cs::fields<2>("f(9), g(9): double[2D]");
  return lbm::stream_and_collide(lbm::d2q9, f, g, lbm::Bgk{cs::Symbol("rate")});
}

cs::AssignmentList d3q19() {
  auto [f, g] = cs::fields<2>("f(19), g(19): double[3D]");
  return lbm::stream_and_collide(lbm::d3q19, f, g, lbm::Bgk{cs::Symbol("rate")});
}

}  // namespace bench
