#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cppstencils/ir/kernel.hpp"
#include "cppstencils/kernel/kernel_function.hpp"
#include "cppstencils/runtime/array.hpp"
#include "ir/tiles.hpp"

namespace cppstencils::runtime {

/// Smallest and largest offset among some accesses along one axis; none where `least > greatest`.
struct OffsetRange {
  std::int64_t least = 1;
  std::int64_t greatest = 0;
  bool empty() const { return least > greatest; }
  void include(std::int64_t offset) {
    if (empty()) {
      least = greatest = offset;
    } else {
      least = offset < least ? offset : least;
      greatest = offset > greatest ? offset : greatest;
    }
  }
};

/// What a call has to know about an array argument.
struct PreparedBuffer {
  std::string name;
  DType dtype = DType::float64;
  ir::BufferAccess access = ir::BufferAccess::read;
  /// Spatial axes, then index axes.
  int axes = 0;
  std::vector<std::int64_t> index_shape;
  /// Spatial extents, if fixed.
  std::optional<std::vector<std::int64_t>> shape;
  /// Position of its first stride in the frame of a call.
  std::size_t first_stride = 0;
  /// Per spatial axis.
  std::array<OffsetRange, max_array_rank> reads;
  std::array<OffsetRange, max_array_rank> writes;
  std::array<OffsetRange, max_array_rank> accesses;
  /// Every access is to the updated cell itself.
  bool centered = true;

  bool written() const { return access != ir::BufferAccess::read; }
};

struct PreparedScalar {
  std::string name;
  DType dtype = DType::float64;
};

struct PreparedReduction {
  std::string name;
  DType dtype = DType::float64;
  ReductionOp op = ReductionOp::add;
};

/// Where an argument name leads.
struct NamedParameter {
  std::string name;
  Parameter::Role role = Parameter::Role::field;
  std::size_t position = 0;  // among the buffers, scalars or reductions
};

/// The facts about a kernel that every call needs, worked out once.
struct PreparedKernel {
  std::string name;
  /// Number of loop dimensions, which is the number of spatial axes of every buffer.
  int rank = 0;
  /// Dimensions of the loops, outermost first.
  std::vector<int> loop_order;
  /// The same loops with their steps, for reductions.
  std::vector<ir::TileLoop> tile_loops;
  /// Dimension of the innermost loop.
  int innermost = 0;
  std::vector<PreparedBuffer> buffers;
  std::vector<PreparedScalar> scalars;
  std::vector<PreparedReduction> reductions;
  /// One per spatial dimension.
  std::vector<IterationRange> ranges;
  /// Fields, then scalars, then reductions.
  std::vector<NamedParameter> parameters;
  /// Positions among the parameters, ordered by name.
  std::vector<std::size_t> by_name;
  std::size_t stride_count = 0;
  /// Where the arrays must be.
  MemorySpace memory = MemorySpace::host;
  int device = 0;

  /// Null when the kernel has no such parameter. Fastest when `guess` is its position among the parameters.
  const NamedParameter* find(std::string_view searched, std::size_t guess = 0) const {
    const NamedParameter& guessed = parameters[guess];
    return guessed.name == searched ? &guessed : search(searched);
  }

 private:
  const NamedParameter* search(std::string_view searched) const;
};

/// `parameters` are in the order of the buffers, then the scalars, then the reductions of `kernel`.
PreparedKernel prepare(const ir::Kernel& kernel, const std::vector<Parameter>& parameters,
                       const std::vector<IterationRange>& ranges);

}  // namespace cppstencils::runtime
