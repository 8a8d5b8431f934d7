#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cppstencils/cppstencils.hpp"
#include "suite/hand_written.hpp"

namespace bench {

namespace cs = cppstencils;

/// A kernel of the suite: one vocabulary for the library and for the loops by hand.
struct Model {
  std::string name;
  int rank = 3;
  /// Cells that a stencil reaches along each dimension.
  int reach = 1;
  /// Directions of each array; 0 for arrays of one number per cell.
  int directions = 0;
  /// Arrays that are read, in alphabetical order; the result is `z`.
  std::vector<std::string> inputs;
  /// In alphabetical order.
  std::vector<std::pair<std::string, double>> scalars;
  /// Starts from nothing, so that timing it includes the symbolic work.
  cs::AssignmentList (*build)(cs::DType);
  hand_written::Kernel loops;
};

const std::vector<Model>& models();
/// The model with this name.
const Model& model(std::string_view name);

/// Options for a model with numbers of this type.
cs::CreateKernelConfig config_for(cs::DType dtype, cs::CpuOptions cpu = {}, cs::FpMode mode = cs::FpMode::strict);

/// The kernel through the default JIT.
cs::CompiledKernel compiled(const Model& model, cs::DType dtype, const cs::CpuOptions& cpu,
                            cs::FpMode mode = cs::FpMode::strict);

/// z = a and z = a + s*b, in three dimensions, for comparison with STREAM.
cs::AssignmentList copy_assignments();
cs::AssignmentList triad_assignments();

}  // namespace bench
