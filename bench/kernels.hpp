#pragma once

#include <string>
#include <vector>

#include "cppstencils/cppstencils.hpp"

namespace bench {

/// The kernels that are measured. Each builder starts from nothing, so that timing it includes the symbolic work.
struct NamedKernel {
  std::string name;
  /// Largest time from assignments to callable that the project accepts, in milliseconds.
  double compile_limit;
  cppstencils::AssignmentList (*build)();
};

cppstencils::AssignmentList jacobi_2d();
cppstencils::AssignmentList jacobi_3d();
/// One step in time of the wave equation, from two earlier ones.
cppstencils::AssignmentList wave_2d();
/// BGK collision and pull streaming, built from the lattice.
cppstencils::AssignmentList d2q9();
cppstencils::AssignmentList d3q19();

inline std::vector<NamedKernel> compiled_kernels() {
  return {{"2D 5-point", 8, jacobi_2d}, {"3D 7-point", 10, jacobi_3d}, {"D3Q19 BGK", 30, d3q19}};
}

}  // namespace bench
