#pragma once

#include <cstdint>

/// The loops that a careful programmer would write for the kernels of the suite, compiled by the build's compiler with
/// -O3 -march=native -ffast-math. The first dimension is the fastest, with unit stride; all arrays have the same
/// strides.
namespace bench::hand_written {

template <class T>
struct Arrays {
  /// In alphabetical order of their names; the result is the last one.
  T* data[3] = {};
  /// Elements between neighbours along y and z, and between directions.
  std::int64_t y = 0;
  std::int64_t z = 0;
  std::int64_t q = 0;
  T scalars[2] = {};
};

/// Updates the cells begin[d] to end[d].
template <class T>
using Loop = void (*)(const Arrays<T>& arrays, const std::int64_t* begin, const std::int64_t* end);

/// The loops of a kernel; `independent` is the same with the compiler told that iterations do not depend on each other,
/// or null where it finds that out by itself.
template <class T>
struct Loops {
  Loop<T> plain = nullptr;
  Loop<T> independent = nullptr;
};

enum class Kernel : std::uint8_t {
  stencil_2d_5,
  stencil_3d_7,
  stencil_3d_27,
  star_3d_25,
  variable_3d,
  wave_3d,
  phase_field_3d,
  d2q9_bgk,
  d3q19_bgk,
  d3q19_trt,
  d3q27_bgk,
};

Loops<float> float_loops(Kernel kernel);
Loops<double> double_loops(Kernel kernel);

}  // namespace bench::hand_written
