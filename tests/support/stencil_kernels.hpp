#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cppstencils/ir/kernel.hpp"
#include "ir/builder.hpp"

/// Well-known stencils as IR, before any pass.
namespace cppstencils::testing {

inline ir::Expr operator+(const ir::Expr& a, const ir::Expr& b) { return ir::binary(ir::BinaryOp::add, a, b); }
inline ir::Expr operator-(const ir::Expr& a, const ir::Expr& b) { return ir::binary(ir::BinaryOp::subtract, a, b); }
inline ir::Expr operator*(const ir::Expr& a, const ir::Expr& b) { return ir::binary(ir::BinaryOp::multiply, a, b); }
inline ir::Expr operator/(const ir::Expr& a, const ir::Expr& b) { return ir::binary(ir::BinaryOp::divide, a, b); }

/// Puts loops over all dimensions, the last one innermost, around the cell.
inline ir::Kernel with_loops(ir::Kernel kernel, ir::Block cell) {
  for (int dimension = kernel.rank; dimension-- > 0;) {
    ir::Loop loop{dimension, 1, std::move(cell)};
    cell = {ir::Stmt{std::move(loop)}};
  }
  kernel.body = std::move(cell);
  return kernel;
}

/// Buffer 0 is the mean of the nearest neighbours in buffer 1.
inline ir::Kernel jacobi(int rank, DType dtype = DType::float64) {
  ir::Kernel kernel;
  kernel.name = "jacobi";
  kernel.rank = rank;
  kernel.buffers = {{"dst", dtype, ir::BufferAccess::write, rank, {}},
                    {"src", dtype, ir::BufferAccess::read, rank, {}}};
  std::optional<ir::Expr> sum;
  for (int d = 0; d < rank; ++d) {
    for (const std::int64_t side : {1, -1}) {
      std::vector<std::int64_t> offsets(static_cast<std::size_t>(rank), 0);
      offsets[static_cast<std::size_t>(d)] = side;
      const ir::Expr neighbour = ir::load({1}, dtype, offsets, {});
      sum = sum ? *sum + neighbour : neighbour;
    }
  }
  const std::vector<std::int64_t> here(static_cast<std::size_t>(rank), 0);
  return with_loops(kernel, {{ir::Store{{0}, here, {}, *sum * ir::float_constant(dtype, 0.5 / rank)}}});
}

/// Buffer 0 is a weighted sum of the 27 nearest cells in buffer 1.
inline ir::Kernel box27() {
  const DType dtype = DType::float64;
  ir::Kernel kernel;
  kernel.name = "box27";
  kernel.rank = 3;
  kernel.buffers = {{"dst", dtype, ir::BufferAccess::write, 3, {}}, {"src", dtype, ir::BufferAccess::read, 3, {}}};
  std::array<std::optional<ir::Expr>, 4> shells;
  for (std::int64_t x = -1; x <= 1; ++x) {
    for (std::int64_t y = -1; y <= 1; ++y) {
      for (std::int64_t z = -1; z <= 1; ++z) {
        auto& shell = shells[static_cast<std::size_t>(x * x + y * y + z * z)];
        const ir::Expr cell = ir::load({1}, dtype, {x, y, z}, {});
        shell = shell ? *shell + cell : cell;
      }
    }
  }
  constexpr std::array weights{0.4, 0.05, 0.02, 0.0075};
  ir::Expr sum = *shells[0] * ir::float_constant(dtype, weights[0]);
  for (std::size_t i = 1; i < shells.size(); ++i) sum = sum + *shells[i] * ir::float_constant(dtype, weights[i]);
  return with_loops(kernel, {{ir::Store{{0}, {0, 0, 0}, {}, sum}}});
}

/// Lattice Boltzmann with 19 velocities: pull from buffer 1, relax with the scalar `omega`, store in buffer 0.
inline ir::Kernel d3q19() {
  const DType dtype = DType::float64;
  ir::Kernel kernel;
  kernel.name = "d3q19";
  kernel.rank = 3;
  kernel.buffers = {{"dst", dtype, ir::BufferAccess::write, 3, {19}}, {"src", dtype, ir::BufferAccess::read, 3, {19}}};
  kernel.scalars = {{"omega", dtype}};
  std::vector<std::array<std::int64_t, 3>> velocities;
  for (std::int64_t x = -1; x <= 1; ++x) {
    for (std::int64_t y = -1; y <= 1; ++y) {
      for (std::int64_t z = -1; z <= 1; ++z) {
        if (x * x + y * y + z * z < 3) velocities.push_back({x, y, z});
      }
    }
  }
  ir::Block lets;
  ir::Block stores;
  const auto let = [&](const ir::Expr& value) {
    const ir::VarId id{static_cast<std::uint32_t>(kernel.variables.size())};
    kernel.variables.push_back({"", dtype});
    lets.push_back({ir::Let{id, value}});
    return ir::variable(id, dtype);
  };
  const auto number = [](double value) { return ir::float_constant(DType::float64, value); };
  std::vector<ir::Expr> f;
  for (std::size_t q = 0; q < velocities.size(); ++q) {
    const auto& [x, y, z] = velocities[q];
    f.push_back(let(ir::load({1}, dtype, {-x, -y, -z}, {static_cast<std::int64_t>(q)})));
  }
  ir::Expr density = f[0];
  for (std::size_t q = 1; q < f.size(); ++q) density = density + f[q];
  density = let(density);
  std::vector<ir::Expr> u;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    ir::Expr momentum = number(0);
    for (std::size_t q = 0; q < f.size(); ++q) {
      if (velocities[q][axis] == 1) momentum = momentum + f[q];
      if (velocities[q][axis] == -1) momentum = momentum - f[q];
    }
    u.push_back(let(momentum / density));
  }
  const ir::Expr square = let(u[0] * u[0] + u[1] * u[1] + u[2] * u[2]);
  const ir::Expr omega = ir::scalar_parameter({0}, dtype);
  for (std::size_t q = 0; q < f.size(); ++q) {
    std::int64_t length = 0;
    ir::Expr projection = number(0);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      length += velocities[q][axis] * velocities[q][axis];
      if (velocities[q][axis] == 1) projection = projection + u[axis];
      if (velocities[q][axis] == -1) projection = projection - u[axis];
    }
    projection = let(projection);
    const double weight = length == 0 ? 1.0 / 3 : length == 1 ? 1.0 / 18 : 1.0 / 36;
    const ir::Expr polynomial =
        number(1) + number(3) * projection + number(4.5) * projection * projection - number(1.5) * square;
    const ir::Expr equilibrium = number(weight) * density * polynomial;
    stores.push_back({ir::Store{{0}, {0, 0, 0}, {static_cast<std::int64_t>(q)}, f[q] + omega * (equilibrium - f[q])}});
  }
  lets.insert(lets.end(), stores.begin(), stores.end());
  return with_loops(kernel, std::move(lets));
}

}  // namespace cppstencils::testing
