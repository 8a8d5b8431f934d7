#include "hand_written.hpp"

#include "lbm/lattice.hpp"

namespace bench::hand_written {

void jacobi_2d(const double* __restrict u, double* __restrict v, std::int64_t nx, std::int64_t ny, double h) {
  for (std::int64_t x = 1; x < nx - 1; ++x) {
    for (std::int64_t y = 1; y < ny - 1; ++y) {
      const double* c = u + x * ny + y;
      v[x * ny + y] = (c[ny] + c[-ny] + c[1] + c[-1]) / 4 + h;
    }
  }
}

void jacobi_3d(const double* __restrict u, double* __restrict v, std::int64_t nx, std::int64_t ny, std::int64_t nz) {
  const std::int64_t plane = ny * nz;
  for (std::int64_t x = 1; x < nx - 1; ++x) {
    for (std::int64_t y = 1; y < ny - 1; ++y) {
      for (std::int64_t z = 1; z < nz - 1; ++z) {
        const double* c = u + x * plane + y * nz + z;
        v[x * plane + y * nz + z] = (c[plane] + c[-plane] + c[nz] + c[-nz] + c[1] + c[-1]) * (1.0 / 6.0);
      }
    }
  }
}

void wave_2d(const double* __restrict before, const double* __restrict now, double* __restrict after, std::int64_t nx,
             std::int64_t ny, double s) {
  for (std::int64_t x = 1; x < nx - 1; ++x) {
    for (std::int64_t y = 1; y < ny - 1; ++y) {
      const std::int64_t i = x * ny + y;
      const double bend = now[i + ny] + now[i - ny] + now[i + 1] + now[i - 1] - 4 * now[i];
      after[i] = 2 * now[i] - before[i] + s * bend;
    }
  }
}

namespace {

inline __attribute__((always_inline)) void d2q9_cell(const double* __restrict f, double* __restrict g,
                                                     std::int64_t cell, std::int64_t size, std::int64_t row,
                                                     double rate) {
  constexpr const auto& lattice = lbm::d2q9;
  double p[9];
  double rho = 0;
  double m[2] = {0, 0};
#pragma GCC unroll 9
  for (int q = 0; q < 9; ++q) {
    const auto& c = lattice.velocity[q];
    p[q] = f[q * size + cell - c[0] * row - c[1]];
    rho += p[q];
    for (int d = 0; d < 2; ++d) {
      if (c[d] > 0) m[d] += p[q];
      if (c[d] < 0) m[d] -= p[q];
    }
  }
  const double volume = 1 / rho;
  const double u[2] = {m[0] * volume, m[1] * volume};
  const double at_rest = 1 - 1.5 * (u[0] * u[0] + u[1] * u[1]);
#pragma GCC unroll 9
  for (int q = 0; q < 9; ++q) {
    const auto& c = lattice.velocity[q];
    double along = 0;
    for (int d = 0; d < 2; ++d) {
      if (c[d] > 0) along += u[d];
      if (c[d] < 0) along -= u[d];
    }
    const double weight = static_cast<double>(lattice.weight[q].numerator) / lattice.weight[q].denominator;
    const double equilibrium = weight * rho * (at_rest + 3 * along + 4.5 * along * along);
    g[q * size + cell] = p[q] + rate * (equilibrium - p[q]);
  }
}

}  // namespace

void d2q9(const double* __restrict f, double* __restrict g, std::int64_t nx, std::int64_t ny, double rate) {
  for (std::int64_t x = 1; x < nx - 1; ++x) {
    for (std::int64_t y = 1; y < ny - 1; ++y) d2q9_cell(f, g, x * ny + y, nx * ny, ny, rate);
  }
}

namespace {

// One cell: everything is unrolled, because the lattice is a constant.
inline __attribute__((always_inline)) void d3q19_cell(const double* __restrict f, double* __restrict g,
                                                      std::int64_t cell, std::int64_t size, std::int64_t plane,
                                                      std::int64_t row, double rate) {
  constexpr const auto& lattice = lbm::d3q19;
  double p[19];
  double rho = 0;
  double m[3] = {0, 0, 0};
#pragma GCC unroll 19
  for (int q = 0; q < 19; ++q) {
    const auto& c = lattice.velocity[q];
    p[q] = f[q * size + cell - c[0] * plane - c[1] * row - c[2]];
    rho += p[q];
    for (int d = 0; d < 3; ++d) {
      if (c[d] > 0) m[d] += p[q];
      if (c[d] < 0) m[d] -= p[q];
    }
  }
  const double volume = 1 / rho;
  const double u[3] = {m[0] * volume, m[1] * volume, m[2] * volume};
  const double at_rest = 1 - 1.5 * (u[0] * u[0] + u[1] * u[1] + u[2] * u[2]);
#pragma GCC unroll 19
  for (int q = 0; q < 19; ++q) {
    const auto& c = lattice.velocity[q];
    double along = 0;
    for (int d = 0; d < 3; ++d) {
      if (c[d] > 0) along += u[d];
      if (c[d] < 0) along -= u[d];
    }
    const double weight = static_cast<double>(lattice.weight[q].numerator) / lattice.weight[q].denominator;
    const double equilibrium = weight * rho * (at_rest + 3 * along + 4.5 * along * along);
    g[q * size + cell] = p[q] + rate * (equilibrium - p[q]);
  }
}

}  // namespace

void d3q19(const double* __restrict f, double* __restrict g, std::int64_t nx, std::int64_t ny, std::int64_t nz,
           double rate) {
  const std::int64_t size = nx * ny * nz;
  for (std::int64_t x = 1; x < nx - 1; ++x) {
    for (std::int64_t y = 1; y < ny - 1; ++y) {
      for (std::int64_t z = 1; z < nz - 1; ++z) {
        d3q19_cell(f, g, (x * ny + y) * nz + z, size, ny * nz, nz, rate);
      }
    }
  }
}

void d3q19_ivdep(const double* __restrict f, double* __restrict g, std::int64_t nx, std::int64_t ny, std::int64_t nz,
                 double rate) {
  const std::int64_t size = nx * ny * nz;
  for (std::int64_t x = 1; x < nx - 1; ++x) {
    for (std::int64_t y = 1; y < ny - 1; ++y) {
#pragma GCC ivdep
      for (std::int64_t z = 1; z < nz - 1; ++z) {
        d3q19_cell(f, g, (x * ny + y) * nz + z, size, ny * nz, nz, rate);
      }
    }
  }
}

}  // namespace bench::hand_written
