#pragma once

#include <array>
#include <cstddef>

/// Lattice Boltzmann methods, written on cppstencils.
namespace lbm {

struct Weight {
  int numerator;
  int denominator;
};

/// The discrete velocities c_q of a DdQn lattice with the weights w_q of its equilibrium. Direction 0 is rest; the
/// speed of sound is sqrt(1/3) in lattice units.
template <int Dimensions, int Directions>
struct Lattice {
  static constexpr int dimensions = Dimensions;
  static constexpr int directions = Directions;

  std::array<std::array<int, Dimensions>, Directions> velocity{};
  std::array<Weight, Directions> weight{};
  /// velocity[opposite[q]] == -velocity[q]
  std::array<int, Directions> opposite{};
};

/// All vectors of {-1, 0, 1}^d with a squared length below `Lengths`, shortest first; `weights[n]` belongs to those of
/// squared length n.
template <int Dimensions, int Directions, std::size_t Lengths>
constexpr Lattice<Dimensions, Directions> make_lattice(const Weight (&weights)[Lengths]) {
  Lattice<Dimensions, Directions> lattice;
  int vectors = 1;
  for (int d = 0; d < Dimensions; ++d) vectors *= 3;
  int count = 0;
  for (int squared_length = 0; squared_length < static_cast<int>(Lengths); ++squared_length) {
    for (int code = 0; code < vectors; ++code) {
      std::array<int, Dimensions> vector{};
      int length = 0;
      for (int d = 0, rest = code; d < Dimensions; ++d, rest /= 3) {
        vector[d] = rest % 3 - 1;
        length += vector[d] * vector[d];
      }
      if (length != squared_length) continue;
      lattice.velocity[count] = vector;
      lattice.weight[count] = weights[squared_length];
      ++count;
    }
  }
  for (int q = 0; q < Directions; ++q) {
    for (int other = 0; other < Directions; ++other) {
      bool opposite = true;
      for (int d = 0; d < Dimensions; ++d) opposite &= lattice.velocity[q][d] == -lattice.velocity[other][d];
      if (opposite) lattice.opposite[q] = other;
    }
  }
  return lattice;
}

inline constexpr Lattice<2, 9> d2q9 = make_lattice<2, 9>({{4, 9}, {1, 9}, {1, 36}});
inline constexpr Lattice<3, 19> d3q19 = make_lattice<3, 19>({{1, 3}, {1, 18}, {1, 36}});
inline constexpr Lattice<3, 27> d3q27 = make_lattice<3, 27>({{8, 27}, {2, 27}, {1, 54}, {1, 216}});

}  // namespace lbm
