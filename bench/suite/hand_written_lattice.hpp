#pragma once

#include "lbm/lattice.hpp"
#include "suite/hand_written.hpp"

/// Lattice Boltzmann by hand: pull streaming and collision of one cell, with all loops over the lattice unrolled,
/// because the lattice is a constant.
namespace bench::hand_written {

enum class Collision : std::uint8_t { bgk, trt };

template <class T, const auto& lattice>
struct Cell {
  static constexpr int directions = lattice.directions;
  static constexpr int dimensions = lattice.dimensions;
  T p[directions];
  T rho = 0;
  T u[dimensions] = {};
  T at_rest = 0;

  inline __attribute__((always_inline)) void pull(const T* __restrict f, std::int64_t cell, const Arrays<T>& a) {
    const std::int64_t strides[3] = {1, a.y, a.z};
#pragma GCC unroll 27
    for (int q = 0; q < directions; ++q) {
      std::int64_t from = q * a.q + cell;
#pragma GCC unroll 3
      for (int d = 0; d < dimensions; ++d) from -= lattice.velocity[q][d] * strides[d];
      p[q] = f[from];
      rho += p[q];
#pragma GCC unroll 3
      for (int d = 0; d < dimensions; ++d) {
        if (lattice.velocity[q][d] > 0) u[d] += p[q];
        if (lattice.velocity[q][d] < 0) u[d] -= p[q];
      }
    }
    const T volume = 1 / rho;
    T square = 0;
#pragma GCC unroll 3
    for (int d = 0; d < dimensions; ++d) {
      u[d] *= volume;
      square += u[d] * u[d];
    }
    at_rest = 1 - static_cast<T>(1.5) * square;
  }

  inline __attribute__((always_inline)) T along(int q) const {
    T result = 0;
#pragma GCC unroll 3
    for (int d = 0; d < dimensions; ++d) {
      if (lattice.velocity[q][d] > 0) result += u[d];
      if (lattice.velocity[q][d] < 0) result -= u[d];
    }
    return result;
  }
  inline __attribute__((always_inline)) T mass(int q) const {
    return static_cast<T>(static_cast<double>(lattice.weight[q].numerator) / lattice.weight[q].denominator) * rho;
  }
};

template <class T, const auto& lattice, Collision collision>
inline __attribute__((always_inline)) void update(const T* __restrict f, T* __restrict g, std::int64_t cell,
                                                  const Arrays<T>& a) {
  Cell<T, lattice> state;
  state.pull(f, cell, a);
  const T(&p)[lattice.directions] = state.p;
  if constexpr (collision == Collision::bgk) {
    const T rate = a.scalars[0];
#pragma GCC unroll 27
    for (int q = 0; q < lattice.directions; ++q) {
      const T along = state.along(q);
      const T equilibrium = state.mass(q) * (state.at_rest + 3 * along + static_cast<T>(4.5) * along * along);
      g[q * a.q + cell] = p[q] + rate * (equilibrium - p[q]);
    }
  } else {
    const T even_rate = a.scalars[0], odd_rate = a.scalars[1];
    g[cell] = p[0] + even_rate * (state.mass(0) * state.at_rest - p[0]);
#pragma GCC unroll 27
    for (int q = 1; q < lattice.directions; ++q) {
      const int other = lattice.opposite[q];
      if (other < q) continue;
      const T along = state.along(q), mass = state.mass(q), half = static_cast<T>(0.5);
      const T even =
          even_rate * (mass * (state.at_rest + static_cast<T>(4.5) * along * along) - half * (p[q] + p[other]));
      const T odd = odd_rate * (3 * mass * along - half * (p[q] - p[other]));
      g[q * a.q + cell] = p[q] + (even + odd);
      g[other * a.q + cell] = p[other] + (even - odd);
    }
  }
}

enum class Promise : std::uint8_t { none, independent };

template <class T, const auto& lattice, Collision collision, Promise promise>
void lattice_loop(const Arrays<T>& arrays, const std::int64_t* begin, const std::int64_t* end) {
  const T* __restrict f = arrays.data[0];
  T* __restrict g = arrays.data[1];
  const Arrays<T> a = arrays;  // a copy that no store can change
  const bool flat = lattice.dimensions == 2;
  for (std::int64_t z = flat ? 0 : begin[2]; z < (flat ? 1 : end[2]); ++z) {
    for (std::int64_t y = begin[1]; y < end[1]; ++y) {
      const std::int64_t row = z * a.z + y * a.y;
      if constexpr (promise == Promise::independent) {
#pragma GCC ivdep
        for (std::int64_t x = begin[0]; x < end[0]; ++x) update<T, lattice, collision>(f, g, row + x, a);
      } else {
        for (std::int64_t x = begin[0]; x < end[0]; ++x) update<T, lattice, collision>(f, g, row + x, a);
      }
    }
  }
}

template <class T, const auto& lattice, Collision collision>
Loops<T> lattice_loops() {
  return {lattice_loop<T, lattice, collision, Promise::none>,
          lattice_loop<T, lattice, collision, Promise::independent>};
}

}  // namespace bench::hand_written
