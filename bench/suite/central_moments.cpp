#include "suite/central_moments.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "lbm/lattice.hpp"
#include "lbm/update_rule.hpp"

namespace bench {

namespace {

namespace cs = cppstencils;
using cs::AssignmentList;
using cs::Expr;

/// 27 values by powers, or velocities -1, 0, 1, of x, y and z.
using Cube = std::array<Expr, 27>;

std::size_t place(int x, int y, int z) { return static_cast<std::size_t>((x * 3 + y) * 3 + z); }

/// Calls `change(i, j, k)` with the places of the three values along dimension `d`, for all nine lines.
template <class Change>
void along(int d, Change change) {
  for (int p = 0; p < 3; ++p) {
    for (int q = 0; q < 3; ++q) {
      const auto at = [&](int i) { return d == 0 ? place(i, p, q) : d == 1 ? place(p, i, q) : place(p, q, i); };
      change(at(0), at(1), at(2));
    }
  }
}

class Builder {
 public:
  explicit Builder(AssignmentList& list) : list_(list) {}
  Expr define(const Expr& value) { return list_.define(fmt::format("m_{}", count_++), value); }

  /// From values at the velocities -1, 0, 1 to central moments of order 0, 1, 2 along one dimension.
  void to_moments(Cube& cube, int d, const Expr& u) {
    along(d, [&](std::size_t i, std::size_t j, std::size_t k) {
      const Expr outer = define(cube[i] + cube[k]), difference = define(cube[k] - cube[i]);
      const Expr sum = define(outer + cube[j]);
      cube[i] = sum;
      cube[j] = define(difference - u * sum);
      cube[k] = define(outer - 2 * u * difference + u * u * sum);
    });
  }
  void from_moments(Cube& cube, int d, const Expr& u) {
    along(d, [&](std::size_t i, std::size_t j, std::size_t k) {
      const Expr first = define(cube[j] + u * cube[i]);
      const Expr second = define(cube[k] + 2 * u * cube[j] + u * u * cube[i]);
      const Expr half = cs::rational(1, 2);
      const Expr sum = cube[i];
      cube[i] = define(half * (second - first));
      cube[j] = define(sum - second);
      cube[k] = define(half * (second + first));
    });
  }

 private:
  AssignmentList& list_;
  int count_ = 0;
};

/// The moments after the collision; `m` holds those before.
void relax(Builder& builder, Cube& m, const Expr& density, const Expr& rate) {
  for (int x = 0; x < 3; ++x) {
    for (int y = 0; y < 3; ++y) {
      for (int z = 0; z < 3; ++z) {
        const int order = x + y + z;
        if (order < 2) continue;
        // Maxwell's distribution: 1/3 per dimension with a square, no odd moments.
        const bool odd = x == 1 || y == 1 || z == 1;
        const int squares = (x == 2) + (y == 2) + (z == 2);
        const int divisor = squares == 1 ? 3 : squares == 2 ? 9 : 27;
        const Expr equilibrium = odd ? Expr(0) : cs::rational(1, divisor) * density;
        Expr& moment = m[place(x, y, z)];
        moment = order == 2 ? builder.define(moment + rate * (equilibrium - moment)) : equilibrium;
      }
    }
  }
}

}  // namespace

AssignmentList d3q27_central_moments(cs::DType dtype) {
  const auto [a, z] = cs::fields<2>(fmt::format("a(27), z(27): {}[3D]", to_string(dtype)), cs::Layout::soa());
  AssignmentList list;
  const lbm::CellState cell = lbm::stream(lbm::d3q27, list, a);
  Cube cube;
  const auto place_of = [](int q) {
    const auto& c = lbm::d3q27.velocity[static_cast<std::size_t>(q)];
    return place(c[0] + 1, c[1] + 1, c[2] + 1);
  };
  for (int q = 0; q < 27; ++q) cube[place_of(q)] = cell.populations[static_cast<std::size_t>(q)];
  Builder builder(list);
  for (int d = 0; d < 3; ++d) builder.to_moments(cube, d, cell.velocity[static_cast<std::size_t>(d)]);
  relax(builder, cube, cell.density, cs::Symbol("rate"));
  for (int d = 0; d < 3; ++d) builder.from_moments(cube, d, cell.velocity[static_cast<std::size_t>(d)]);
  for (int q = 0; q < 27; ++q) list.add(cs::assign(z.center()(q), cube[place_of(q)]));
  return list;
}

AssignmentList random_operations(int operations) {
  const auto [a, z] = cs::fields<2>("a, z(8): double[3D]", cs::Layout::soa());
  AssignmentList list;
  std::uint64_t state = 12345;
  const auto below = [&state](std::size_t n) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>(state >> 33) % n;
  };
  std::vector<Expr> values;
  for (int i = 0; i < 27; ++i) values.push_back(a(i % 3 - 1, i / 3 % 3 - 1, i / 9 - 1));
  // Most operands are recent, as in models that people write; four operations make one line.
  constexpr std::size_t window = 24;
  for (int i = 0; i < operations / 4; ++i) {
    const auto pick = [&] { return values[values.size() - 1 - below(std::min(window, values.size()))]; };
    const Expr left = pick() + pick();
    const Expr right = i % 2 == 0 ? pick() - cs::rational(1, 3) : pick() + cs::rational(1, 5);
    values.push_back(list.define(fmt::format("t_{}", i), left * right));
  }
  for (int i = 0; i < 8; ++i) {
    Expr sum;
    for (std::size_t j = static_cast<std::size_t>(i); j < window; j += 8) sum += values[values.size() - 1 - j];
    list.add(cs::assign(z.center()(i), sum));
  }
  return list;
}

}  // namespace bench
