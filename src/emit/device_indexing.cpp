#include "emit/device_indexing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstddef>
#include <cstdint>

#include "emit/expr_writer.hpp"

namespace cppstencils::emit {
namespace {

using ir::ThreadAxis;
using ir::ThreadLoop;
using ir::ThreadSource;

char axis_name(const ThreadAxis& axis) { return "xyz"[axis.axis]; }

/// The cells of a thread lie next to each other, so that its number times their number is its first cell.
bool is_adjacent(const ThreadLoop& loop) { return loop.cells > 1 && loop.distance == 1; }

/// How far the first cells of neighbouring threads are apart.
std::int64_t pace(const ThreadLoop& loop) { return loop.step * (is_adjacent(loop) ? loop.cells : 1); }

std::string times(std::string value, bool is_atom, std::int64_t factor) {
  if (factor == 1) return value;
  return is_atom ? fmt::format("{} * {}", value, factor) : fmt::format("({}) * {}", value, factor);
}

}  // namespace

std::string first_cell(const ThreadLoop& loop) {
  return loop.cells > 1 ? fmt::format("first{}", loop.dimension) : KernelNames::loop_index(loop.dimension);
}

std::vector<ThreadLoop> DeviceIndexing::grouped_loops() const {
  std::vector<ThreadLoop> loops;
  for (const ThreadAxis& axis : axes_) {
    for (const ThreadLoop& loop : axis.loops) {
      if (loop.cells > 1) loops.insert(loops.begin(), loop);
    }
  }
  return loops;
}

void DeviceIndexing::open() {
  const auto open_all = [&](bool strided) {
    for (auto axis = axes_.rbegin(); axis != axes_.rend(); ++axis) {
      if (axis->is_strided != strided) continue;
      axis->loops.size() == 1 ? open_one(*axis) : open_folded(*axis);
    }
  };
  open_all(false);
  if (!guards_.empty()) out_.line(fmt::format("if ({}) return;", fmt::join(guards_, " || ")));
  open_all(true);
}

void DeviceIndexing::close() {
  for (; open_loops_ > 0; --open_loops_) {
    out_.dedent();
    out_.line("}");
  }
}

void DeviceIndexing::open_one(const ThreadAxis& axis) {
  const ThreadLoop& loop = axis.loops.front();
  const int d = loop.dimension;
  const std::string cell = first_cell(loop);
  const int spread = is_adjacent(loop) ? 1 : loop.cells;
  const std::string number_text = number(axis, spread, index_type());
  const bool is_atom = number_text.find(' ') == std::string::npos;
  const std::string start = fmt::format("begin{} + {}", d, times(number_text, is_atom, pace(loop)));
  if (!axis.is_strided) {
    out_.line(fmt::format("const {} {} = {};", index_type(), cell, start));
    guards_.push_back(fmt::format("{} >= end{}", cell, d));
    return;
  }
  out_.line(fmt::format("for ({0} {1} = {2}; {1} < end{3}; {1} += {4}) {{", index_type(), cell, start, d,
                        advance(axis, spread * pace(loop), index_type())));
  out_.indent();
  ++open_loops_;
}

void DeviceIndexing::open_folded(const ThreadAxis& axis) {
  const char name = axis_name(axis);
  const std::string_view type = unsigned_type();
  const auto cells_name = [](const ThreadLoop& loop) { return fmt::format("cells{}", loop.dimension); };
  const std::size_t last = axis.loops.size() - 1;
  std::vector<std::string> sizes;
  for (std::size_t i = 0; i <= last; ++i) {
    const ThreadLoop& loop = axis.loops[i];
    if (i == last && !axis.is_strided) continue;  // the guard looks at the cell itself
    const std::int64_t part = loop.step * loop.cells;
    const std::string extent = fmt::format("end{0} - begin{0}", loop.dimension);
    const std::string size = part == 1 ? fmt::format("{}({})", type, extent)
                                       : fmt::format("{}({} + {}) / {}u", type, extent, part - 1, part);
    out_.line(fmt::format("const {} {} = {};", type, cells_name(loop), size));
    sizes.push_back(cells_name(loop));
  }
  std::string rest = fmt::format("work_{}", name);
  if (axis.is_strided) {
    out_.line(fmt::format("for ({0} {1} = {2}; {1} < {3}; {1} += {4}) {{", type, rest, number(axis, 1, type),
                          fmt::join(sizes, " * "), advance(axis, 1, type)));
    out_.indent();
    ++open_loops_;
  } else {
    out_.line(fmt::format("const {} {} = {};", type, rest, number(axis, 1, type)));
  }
  for (std::size_t i = 0; i <= last; ++i) {
    const ThreadLoop& loop = axis.loops[i];
    std::string number_text = fmt::format("{}({})", index_type(), rest);
    if (i != last) {
      number_text = fmt::format("{}({} % {})", index_type(), rest, cells_name(loop));
      const std::string next = fmt::format("work_{}{}", name, i + 1);
      out_.line(fmt::format("const {} {} = {} / {};", type, next, rest, cells_name(loop)));
      rest = next;
    }
    out_.line(fmt::format("const {} {} = begin{} + {};", index_type(), first_cell(loop), loop.dimension,
                          times(std::move(number_text), true, pace(loop))));
  }
  if (!axis.is_strided) {
    guards_.push_back(fmt::format("{} >= end{}", first_cell(axis.loops[last]), axis.loops[last].dimension));
  }
}

std::string DeviceIndexing::number(const ThreadAxis& axis, int cells, std::string_view type) const {
  const char name = axis_name(axis);
  const int block = mapping_.block[static_cast<std::size_t>(axis.axis)];
  switch (axis.source) {
    case ThreadSource::threads:
      return fmt::format("{}(threadIdx.{})", type, name);
    case ThreadSource::blocks:
      return fmt::format("{}(blockIdx.{})", type, name);
    case ThreadSource::threads_and_blocks:
      break;
  }
  // A block of one thread updates its cells one after the other.
  if (block == 1) return times(fmt::format("{}(blockIdx.{})", type, name), true, cells);
  return fmt::format("{0}(blockIdx.{1}) * {2} + {0}(threadIdx.{1})", type, name, block * cells);
}

std::string DeviceIndexing::advance(const ThreadAxis& axis, std::int64_t factor, std::string_view type) const {
  const char name = axis_name(axis);
  const std::int64_t block = mapping_.block[static_cast<std::size_t>(axis.axis)];
  switch (axis.source) {
    case ThreadSource::threads:
      return times(fmt::format("{}(blockDim.{})", type, name), true, factor);
    case ThreadSource::blocks:
      return times(fmt::format("{}(gridDim.{})", type, name), true, factor);
    case ThreadSource::threads_and_blocks:
      return times(fmt::format("{}(gridDim.{})", type, name), true, block * factor);
  }
  return {};
}

}  // namespace cppstencils::emit
