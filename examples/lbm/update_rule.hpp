#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cppstencils/cppstencils.hpp"
#include "lbm/lattice.hpp"

/// From a lattice to the assignments of a lattice Boltzmann step.
///
/// A step is pull streaming and collision in one: the new populations of a cell are computed from those that move into
/// it, f_q(x - c_q), and stored at x. Fields of populations have one index, the direction.
namespace lbm {

namespace cs = cppstencils;

/// sum over q of c_qd f_q: the momentum along dimension d.
template <class L>
cs::Expr momentum(const L& lattice, const std::vector<cs::Expr>& f, int d) {
  cs::Expr result;
  for (int q = 0; q < L::directions; ++q) {
    if (lattice.velocity[q][d] > 0) result += f[q];
  }
  for (int q = 0; q < L::directions; ++q) {
    if (lattice.velocity[q][d] < 0) result -= f[q];
  }
  return result;
}

/// c_q . u
template <class L>
cs::Expr projection(const L& lattice, int q, const std::vector<cs::Expr>& u) {
  cs::Expr result;
  for (int d = 0; d < L::dimensions; ++d) {
    if (lattice.velocity[q][d] > 0) result += u[d];
  }
  for (int d = 0; d < L::dimensions; ++d) {
    if (lattice.velocity[q][d] < 0) result -= u[d];
  }
  return result;
}

template <class L>
cs::Expr weight(const L& lattice, int q) {
  return cs::rational(lattice.weight[q].numerator, lattice.weight[q].denominator);
}

/// What a collision starts from: the populations that arrive in a cell, and their density and velocity.
struct CellState {
  std::vector<cs::Expr> populations = {};
  cs::Expr density = {};
  std::vector<cs::Expr> velocity = {};
};

/// Names density and velocity of the given populations in `list`.
template <class L>
CellState define_moments(const L& lattice, cs::AssignmentList& list, std::vector<cs::Expr> populations) {
  CellState cell{.populations = std::move(populations)};
  cell.density = list.define("rho", cs::sum(cell.populations));
  const cs::Symbol specific_volume = list.define("specific_volume", 1 / cell.density);
  for (int d = 0; d < L::dimensions; ++d) {
    cell.velocity.push_back(
        list.define("u_" + std::to_string(d), momentum(lattice, cell.populations, d) * specific_volume));
  }
  return cell;
}

/// Pull streaming: names the populations that move into the cell, with their density and velocity.
template <class L>
CellState stream(const L& lattice, cs::AssignmentList& list, const cs::Field& source) {
  std::vector<cs::Expr> populations;
  for (int q = 0; q < L::directions; ++q) {
    std::vector<std::int64_t> upstream;
    for (const int c : lattice.velocity[q]) upstream.push_back(-c);
    populations.push_back(list.define("f_" + std::to_string(q), source.at(upstream)(q)));
  }
  return define_moments(lattice, list, std::move(populations));
}

/// The equilibrium w_q rho (1 + 3 c_q.u + 9/2 (c_q.u)^2 - 3/2 u.u), taken apart: `even` is the same for a direction
/// and its opposite, `odd` changes sign.
struct Equilibrium {
  std::vector<cs::Expr> even;
  std::vector<cs::Expr> odd;
};

template <class L>
Equilibrium define_equilibrium(const L& lattice, cs::AssignmentList& list, const CellState& cell) {
  std::vector<cs::Expr> squares;
  for (const cs::Expr& u : cell.velocity) squares.push_back(u * u);
  const cs::Symbol at_rest = list.define("equilibrium_at_rest", 1 - cs::rational(3, 2) * cs::sum(squares));

  Equilibrium equilibrium{.even = std::vector<cs::Expr>(L::directions), .odd = std::vector<cs::Expr>(L::directions)};
  for (int q = 0; q < L::directions; ++q) {
    const int opposite = lattice.opposite[q];
    if (opposite < q) continue;
    const std::string name = std::to_string(q);
    const cs::Symbol mass = list.define("mass_" + name, weight(lattice, q) * cell.density);
    if (opposite == q) {
      equilibrium.even[q] = list.define("even_" + name, mass * at_rest);
      continue;
    }
    const cs::Symbol along = list.define("along_" + name, projection(lattice, q, cell.velocity));
    equilibrium.even[q] = equilibrium.even[opposite] =
        list.define("even_" + name, mass * (at_rest + cs::rational(9, 2) * along * along));
    equilibrium.odd[q] = list.define("odd_" + name, 3 * mass * along);
    equilibrium.odd[opposite] = -equilibrium.odd[q];
  }
  return equilibrium;
}

/// One relaxation rate for all populations (Bhatnagar, Gross and Krook): nu = (1/rate - 1/2)/3.
struct Bgk {
  cs::Expr rate;
};

/// Two rates, for the even and the odd part of the populations: nu = (1/even_rate - 1/2)/3. The walls of half-way
/// bounce-back stay in place at every viscosity if (1/even_rate - 1/2)(1/odd_rate - 1/2) = 3/16.
struct Trt {
  cs::Expr even_rate;
  cs::Expr odd_rate;
};

/// The populations after the collision.
template <class L>
std::vector<cs::Expr> collide(const L& lattice, cs::AssignmentList& list, const CellState& cell, const Bgk& bgk) {
  const Equilibrium equilibrium = define_equilibrium(lattice, list, cell);
  std::vector<cs::Expr> result;
  for (int q = 0; q < L::directions; ++q) {
    const cs::Expr& f = cell.populations[q];
    result.push_back(f + bgk.rate * (equilibrium.even[q] + equilibrium.odd[q] - f));
  }
  return result;
}

template <class L>
std::vector<cs::Expr> collide(const L& lattice, cs::AssignmentList& list, const CellState& cell, const Trt& trt) {
  const Equilibrium equilibrium = define_equilibrium(lattice, list, cell);
  const cs::Expr half = cs::rational(1, 2);
  std::vector<cs::Expr> result(L::directions);
  for (int q = 0; q < L::directions; ++q) {
    const int opposite = lattice.opposite[q];
    if (opposite < q) continue;
    const cs::Expr& f = cell.populations[q];
    if (opposite == q) {
      result[q] = f + trt.even_rate * (equilibrium.even[q] - f);
      continue;
    }
    const cs::Expr& g = cell.populations[opposite];
    const std::string name = std::to_string(q);
    const cs::Symbol even = list.define("even_change_" + name, trt.even_rate * (equilibrium.even[q] - half * (f + g)));
    const cs::Symbol odd = list.define("odd_change_" + name, trt.odd_rate * (equilibrium.odd[q] - half * (f - g)));
    result[q] = f + (even + odd);
    result[opposite] = g + (even - odd);
  }
  return result;
}

/// A whole step: `target` takes the populations that stream in from `source` and collide.
template <class L, class Collision>
cs::AssignmentList stream_and_collide(const L& lattice, const cs::Field& source, const cs::Field& target,
                                      const Collision& collision) {
  cs::AssignmentList list;
  const CellState cell = stream(lattice, list, source);
  const std::vector<cs::Expr> populations = collide(lattice, list, cell, collision);
  for (int q = 0; q < L::directions; ++q) list.add(cs::assign(target.center()(q), populations[q]));
  return list;
}

/// `velocity`, a field with one index, takes the velocity of every cell.
template <class L>
cs::AssignmentList measure_velocity(const L& lattice, const cs::Field& populations, const cs::Field& velocity) {
  cs::AssignmentList list;
  std::vector<cs::Expr> f;
  for (int q = 0; q < L::directions; ++q) f.push_back(populations.center()(q));
  const CellState cell = define_moments(lattice, list, f);
  for (int d = 0; d < L::dimensions; ++d) list.add(cs::assign(velocity.center()(d), cell.velocity[d]));
  return list;
}

/// `populations` takes the equilibrium of a fluid at rest with density 1.
template <class L>
cs::AssignmentList fill_at_rest(const L& lattice, const cs::Field& populations) {
  cs::AssignmentList list;
  for (int q = 0; q < L::directions; ++q) list.add(cs::assign(populations.center()(q), weight(lattice, q)));
  return list;
}

}  // namespace lbm
