#pragma once

#include <cstdint>

/// The loops that a careful programmer would write for the same kernels, compiled by the build's C++ compiler with
/// -O3 -march=native and the same strict arithmetic. Arrays are dense; the last extent is the fastest.
namespace bench::hand_written {

/// v = (u_e + u_w + u_n + u_s)/4 + h on the inner cells.
void jacobi_2d(const double* u, double* v, std::int64_t nx, std::int64_t ny, double h);
/// v = (six neighbours)/6 on the inner cells.
void jacobi_3d(const double* u, double* v, std::int64_t nx, std::int64_t ny, std::int64_t nz);
/// after = 2 now - before + s (sum of four neighbours - 4 now) on the inner cells.
void wave_2d(const double* before, const double* now, double* after, std::int64_t nx, std::int64_t ny, double s);
/// D2Q9 BGK, pull, on arrays [direction][x][y], inner cells.
void d2q9(const double* f, double* g, std::int64_t nx, std::int64_t ny, double rate);
/// D3Q19 BGK, pull, on arrays [direction][x][y][z], inner cells.
void d3q19(const double* f, double* g, std::int64_t nx, std::int64_t ny, std::int64_t nz, double rate);
/// The same with the compiler told that the iterations are independent.
void d3q19_ivdep(const double* f, double* g, std::int64_t nx, std::int64_t ny, std::int64_t nz, double rate);

}  // namespace bench::hand_written
