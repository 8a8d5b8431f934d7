#include "suite/hand_written.hpp"

#include "suite/hand_written_lattice.hpp"

namespace bench::hand_written {

namespace {

/// Calls `cell(i)` with the position of every cell of a box, rows inside.
template <class T, class Cell>
inline __attribute__((always_inline)) void for_cells_2d(const Arrays<T>& a, const std::int64_t* begin,
                                                        const std::int64_t* end, Cell cell) {
  for (std::int64_t y = begin[1]; y < end[1]; ++y) {
    for (std::int64_t x = begin[0]; x < end[0]; ++x) cell(y * a.y + x);
  }
}

template <class T, class Cell>
inline __attribute__((always_inline)) void for_cells_3d(const Arrays<T>& a, const std::int64_t* begin,
                                                        const std::int64_t* end, Cell cell) {
  for (std::int64_t z = begin[2]; z < end[2]; ++z) {
    for (std::int64_t y = begin[1]; y < end[1]; ++y) {
      for (std::int64_t x = begin[0]; x < end[0]; ++x) cell(z * a.z + y * a.y + x);
    }
  }
}

template <class T>
void stencil_2d_5(const Arrays<T>& a, const std::int64_t* begin, const std::int64_t* end) {
  const T* __restrict u = a.data[0];
  T* __restrict v = a.data[1];
  const std::int64_t dy = a.y;
  const T h = a.scalars[0];
  for_cells_2d(a, begin, end, [=](std::int64_t i) { v[i] = (u[i + 1] + u[i - 1] + u[i + dy] + u[i - dy]) / 4 + h; });
}

template <class T>
void stencil_3d_7(const Arrays<T>& a, const std::int64_t* begin, const std::int64_t* end) {
  const T* __restrict u = a.data[0];
  T* __restrict v = a.data[1];
  const std::int64_t dy = a.y, dz = a.z;
  for_cells_3d(a, begin, end, [=](std::int64_t i) {
    v[i] = (u[i + 1] + u[i - 1] + u[i + dy] + u[i - dy] + u[i + dz] + u[i - dz]) * static_cast<T>(1.0 / 6);
  });
}

template <class T>
void stencil_3d_27(const Arrays<T>& a, const std::int64_t* begin, const std::int64_t* end) {
  const T* __restrict u = a.data[0];
  T* __restrict v = a.data[1];
  const std::int64_t dy = a.y, dz = a.z;
  // The sum of the three elements of a row, and of the outer two.
  const auto outer = [=](std::int64_t i) { return u[i - 1] + u[i + 1]; };
  for_cells_3d(a, begin, end, [=](std::int64_t i) {
    const T faces = outer(i) + u[i - dy] + u[i + dy] + u[i - dz] + u[i + dz];
    const T edges = outer(i - dy) + outer(i + dy) + outer(i - dz) + outer(i + dz) + u[i - dy - dz] + u[i + dy - dz] +
                    u[i - dy + dz] + u[i + dy + dz];
    const T corners = outer(i - dy - dz) + outer(i + dy - dz) + outer(i - dy + dz) + outer(i + dy + dz);
    v[i] = static_cast<T>(0.5) * u[i] + static_cast<T>(0.04) * faces + static_cast<T>(0.015) * edges +
           static_cast<T>(0.01) * corners;
  });
}

template <class T>
void star_3d_25(const Arrays<T>& a, const std::int64_t* begin, const std::int64_t* end) {
  const T* __restrict u = a.data[0];
  T* __restrict v = a.data[1];
  const std::int64_t dy = a.y, dz = a.z;
  const auto around = [=](std::int64_t i, int r) {
    return u[i - r] + u[i + r] + u[i - r * dy] + u[i + r * dy] + u[i - r * dz] + u[i + r * dz];
  };
  const T s = a.scalars[0];
  for_cells_3d(a, begin, end, [=](std::int64_t i) {
    const T bend = static_cast<T>(-205.0 / 24) * u[i] + static_cast<T>(8.0 / 5) * around(i, 1) +
                   static_cast<T>(-1.0 / 5) * around(i, 2) + static_cast<T>(8.0 / 315) * around(i, 3) +
                   static_cast<T>(-1.0 / 560) * around(i, 4);
    v[i] = u[i] + s * bend;
  });
}

template <class T>
void variable_3d(const Arrays<T>& a, const std::int64_t* begin, const std::int64_t* end) {
  const T* __restrict k = a.data[0];
  const T* __restrict u = a.data[1];
  T* __restrict v = a.data[2];
  const std::int64_t dy = a.y, dz = a.z;
  const T s = a.scalars[0];
  for_cells_3d(a, begin, end, [=](std::int64_t i) {
    const auto flow = [=](std::int64_t d) { return (k[i + d] + k[i]) * (u[i + d] - u[i]); };
    v[i] = u[i] + s * (flow(1) + flow(-1) + flow(dy) + flow(-dy) + flow(dz) + flow(-dz));
  });
}

template <class T>
void wave_3d(const Arrays<T>& a, const std::int64_t* begin, const std::int64_t* end) {
  const T* __restrict before = a.data[0];
  const T* __restrict now = a.data[1];
  T* __restrict after = a.data[2];
  const std::int64_t dy = a.y, dz = a.z;
  const T s = a.scalars[0];
  for_cells_3d(a, begin, end, [=](std::int64_t i) {
    const T bend = now[i + 1] + now[i - 1] + now[i + dy] + now[i - dy] + now[i + dz] + now[i - dz] - 6 * now[i];
    after[i] = 2 * now[i] - before[i] + s * bend;
  });
}

template <class T>
void phase_field_3d(const Arrays<T>& a, const std::int64_t* begin, const std::int64_t* end) {
  const T* __restrict u = a.data[0];
  T* __restrict v = a.data[1];
  const std::int64_t dy = a.y, dz = a.z;
  const T kappa = a.scalars[0], step = a.scalars[1];
  for_cells_3d(a, begin, end, [=](std::int64_t i) {
    const T bend = u[i + 1] + u[i - 1] + u[i + dy] + u[i - dy] + u[i + dz] + u[i - dz] - 6 * u[i];
    const T well = 2 * u[i] * (1 - u[i]) * (1 - 2 * u[i]);
    v[i] = u[i] + step * (kappa * bend - well);
  });
}

template <class T>
Loops<T> loops(Kernel kernel) {
  switch (kernel) {
    case Kernel::stencil_2d_5:
      return {stencil_2d_5<T>};
    case Kernel::stencil_3d_7:
      return {stencil_3d_7<T>};
    case Kernel::stencil_3d_27:
      return {stencil_3d_27<T>};
    case Kernel::star_3d_25:
      return {star_3d_25<T>};
    case Kernel::variable_3d:
      return {variable_3d<T>};
    case Kernel::wave_3d:
      return {wave_3d<T>};
    case Kernel::phase_field_3d:
      return {phase_field_3d<T>};
    case Kernel::d2q9_bgk:
      return lattice_loops<T, lbm::d2q9, Collision::bgk>();
    case Kernel::d3q19_bgk:
      return lattice_loops<T, lbm::d3q19, Collision::bgk>();
    case Kernel::d3q19_trt:
      return lattice_loops<T, lbm::d3q19, Collision::trt>();
    case Kernel::d3q27_bgk:
      return lattice_loops<T, lbm::d3q27, Collision::bgk>();
  }
  return {};
}

}  // namespace

Loops<float> float_loops(Kernel kernel) { return loops<float>(kernel); }
Loops<double> double_loops(Kernel kernel) { return loops<double>(kernel); }

}  // namespace bench::hand_written
