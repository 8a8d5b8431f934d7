#include "runtime/bounds.hpp"

#include <limits>
#include <string>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "runtime/wording.hpp"

namespace cppstencils::runtime {

namespace {

// The last cell that the loop visits.
std::int64_t last_cell(const CellRange& range, std::int64_t step) {
  return step == 1 ? range.end - 1 : range.begin + (cell_count(range, step) - 1) * step;
}

struct Violation {
  const PreparedBuffer& buffer;
  int axis;
  std::int64_t offset;
  std::int64_t first;
  std::int64_t last;
  std::int64_t extent;
};

[[noreturn]] void fail_bounds(const PreparedKernel& kernel, const Violation& found) {
  const OffsetRange& writes = found.buffer.writes[static_cast<std::size_t>(found.axis)];
  const bool write = !writes.empty() && (found.offset == writes.least || found.offset == writes.greatest);
  const bool below = found.offset < -found.first;
  // Offsets are the user's and may be any number.
  const auto missing = below ? -(static_cast<__int128>(found.first) + found.offset)
                             : static_cast<__int128>(found.last) + found.offset - (found.extent - 1);
  const std::string cells = found.first == found.last ? fmt::format("cell {}", found.first)
                                                      : fmt::format("the cells {} to {}", found.first, found.last);
  throw ArgumentError(
      {.code = ErrorCode::out_of_bounds,
       .message = fmt::format("Kernel '{}' would {} array '{}' {} {} dimension {}.", kernel.name,
                              write ? "write" : "read", found.buffer.name, plural(missing, "cell"),
                              below ? "before the start of" : "past the end of", found.axis),
       .notes = {fmt::format("It updates {}, accesses '{}' at offset {:+}, and the array has extent {}.", cells,
                             found.buffer.name, found.offset, found.extent)},
       .hints = {"Leave more cells out at the border, with 'ghost_layers' or 'iteration_slice'."}});
}

}  // namespace

Box resolve_box(const PreparedKernel& kernel, const std::int64_t* extents, const CallFrame& frame) {
  Box box = Box::has_cells;
  for (int dimension = 0; dimension < kernel.rank; ++dimension) {
    const IterationRange& range = kernel.ranges[static_cast<std::size_t>(dimension)];
    const CellRange cells = resolve(range, extents[dimension]);
    frame.begin()[dimension] = cells.begin;
    frame.end()[dimension] = cells.end;
    if (cells.end <= cells.begin) {
      box = Box::empty;
      continue;
    }
    CPPSTENCILS_CHECK(cells.begin >= 0 && cells.end <= extents[dimension], "The box is inside the arrays.");
    if (cells.end > std::numeric_limits<std::int64_t>::max() - range.step) {
      throw ArgumentError({.code = ErrorCode::argument_size,
                           .message = fmt::format("Cell {} in steps of {} is more than kernel '{}' can count in "
                                                  "dimension {}.",
                                                  cells.end - 1, range.step, kernel.name, dimension)});
    }
  }
  return box;
}

void check_bounds(const PreparedKernel& kernel, const std::int64_t* extents, const CallFrame& frame) {
  for (int axis = 0; axis < kernel.rank; ++axis) {
    const CellRange cells{frame.begin()[axis], frame.end()[axis]};
    const std::int64_t first = cells.begin;
    const std::int64_t last = last_cell(cells, kernel.ranges[static_cast<std::size_t>(axis)].step);
    const std::int64_t extent = extents[axis];
    for (const PreparedBuffer& buffer : kernel.buffers) {
      const OffsetRange& offsets = buffer.accesses[static_cast<std::size_t>(axis)];
      if (offsets.empty()) continue;
      // 0 <= first <= last < extent, so that neither side overflows.
      if (offsets.least < -first) fail_bounds(kernel, {buffer, axis, offsets.least, first, last, extent});
      if (offsets.greatest > extent - 1 - last) {
        fail_bounds(kernel, {buffer, axis, offsets.greatest, first, last, extent});
      }
    }
  }
}

}  // namespace cppstencils::runtime
