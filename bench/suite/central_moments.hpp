#pragma once

#include "cppstencils/cppstencils.hpp"

namespace bench {

/// D3Q27, pull streaming and collision of central moments (M. Geier, A. Greiner, J. Korvink, Phys. Rev. E 73, 066705,
/// 2006): moments up to the second order relax with `rate`, all higher ones are set to their equilibrium. Built
/// symbolically by one transformation per dimension and its inverse. Fields `a` and `z` with 27 directions.
cppstencils::AssignmentList d3q27_central_moments(cppstencils::DType dtype);

/// About `operations` operations on the 27 elements around a cell, `outputs` results: a graph like those of models that
/// were taken apart into sub-expressions. The same for the same number in every run.
cppstencils::AssignmentList random_operations(int operations);

}  // namespace bench
