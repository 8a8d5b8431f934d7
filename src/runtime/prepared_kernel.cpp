#include "runtime/prepared_kernel.hpp"

#include <algorithm>

#include "cppstencils/support/error.hpp"

namespace cppstencils::runtime {

namespace {

std::vector<int> loop_order(const ir::Kernel& kernel) {
  std::vector<int> dimensions;
  const ir::Block* block = &kernel.body;
  while (block->size() == 1 && std::holds_alternative<ir::Loop>(block->front().kind)) {
    const auto& loop = std::get<ir::Loop>(block->front().kind);
    dimensions.push_back(loop.dimension);
    block = &loop.body;
  }
  CPPSTENCILS_CHECK(dimensions.size() == static_cast<std::size_t>(kernel.rank), "A kernel is a nest of loops.");
  return dimensions;
}

PreparedBuffer prepare_buffer(const ir::Buffer& buffer, const Parameter& parameter) {
  CPPSTENCILS_CHECK(parameter.role == Parameter::Role::field && parameter.name == buffer.name,
                    "The parameters are in the order of the buffers.");
  PreparedBuffer prepared;
  prepared.name = buffer.name;
  prepared.dtype = buffer.dtype;
  prepared.access = buffer.access;
  prepared.axes = buffer.axes();
  prepared.index_shape = buffer.index_shape;
  if (parameter.field != nullptr) prepared.shape = parameter.field->shape;
  return prepared;
}

void add_access(PreparedBuffer& buffer, const ir::AccessPattern& pattern) {
  const bool write = pattern.access == ir::BufferAccess::write;
  CPPSTENCILS_CHECK(!write || buffer.written(), "A buffer that is stored to counts as written.");
  for (std::size_t axis = 0; axis < pattern.offsets.size(); ++axis) {
    const std::int64_t offset = pattern.offsets[axis];
    (write ? buffer.writes : buffer.reads)[axis].include(offset);
    buffer.accesses[axis].include(offset);
    buffer.centered = buffer.centered && offset == 0;
  }
}

}  // namespace

PreparedKernel prepare(const ir::Kernel& kernel, const std::vector<Parameter>& parameters,
                       const std::vector<IterationRange>& ranges) {
  CPPSTENCILS_CHECK(kernel.rank >= 1 && kernel.rank <= max_array_rank, "The number of loop dimensions is in range.");
  CPPSTENCILS_CHECK(ranges.size() == static_cast<std::size_t>(kernel.rank), "Every loop dimension has a range.");
  CPPSTENCILS_CHECK(!kernel.buffers.empty(), "A kernel has at least one field.");
  CPPSTENCILS_CHECK(parameters.size() == kernel.buffers.size() + kernel.scalars.size() + kernel.reductions.size(),
                    "Every buffer, every scalar and every reduction is a parameter.");
  PreparedKernel prepared;
  prepared.name = kernel.name;
  prepared.rank = kernel.rank;
  prepared.loop_order = loop_order(kernel);
  for (const int d : prepared.loop_order) prepared.tile_loops.push_back({d, ranges[static_cast<std::size_t>(d)].step});
  prepared.innermost = prepared.loop_order.back();
  prepared.ranges = ranges;
  for (const IterationRange& range : ranges) CPPSTENCILS_CHECK(range.step >= 1, "Steps are positive.");
  for (std::size_t i = 0; i < kernel.buffers.size(); ++i) {
    CPPSTENCILS_CHECK(kernel.buffers[i].rank == kernel.rank, "All fields have one spatial axis per loop dimension.");
    PreparedBuffer buffer = prepare_buffer(kernel.buffers[i], parameters[i]);
    buffer.first_stride = prepared.stride_count;
    prepared.stride_count += static_cast<std::size_t>(buffer.axes);
    prepared.parameters.push_back({buffer.name, Parameter::Role::field, i});
    prepared.buffers.push_back(std::move(buffer));
  }
  for (std::size_t i = 0; i < kernel.scalars.size(); ++i) {
    prepared.parameters.push_back({kernel.scalars[i].name, Parameter::Role::scalar, i});
    prepared.scalars.push_back({kernel.scalars[i].name, kernel.scalars[i].dtype});
  }
  for (std::size_t i = 0; i < kernel.reductions.size(); ++i) {
    const ir::Reduction& reduction = kernel.reductions[i];
    prepared.parameters.push_back({reduction.name, Parameter::Role::reduction, i});
    prepared.reductions.push_back({reduction.name, reduction.dtype, reduction.op});
  }
  for (const ir::AccessPattern& pattern : ir::access_patterns(kernel)) {
    add_access(prepared.buffers[pattern.buffer.value], pattern);
  }
  for (std::size_t i = 0; i < prepared.parameters.size(); ++i) prepared.by_name.push_back(i);
  const auto name_of = [&](std::size_t position) -> const std::string& { return prepared.parameters[position].name; };
  std::ranges::sort(prepared.by_name, {}, name_of);
  return prepared;
}

const NamedParameter* PreparedKernel::search(std::string_view searched) const {
  const auto name_of = [&](std::size_t position) -> std::string_view { return parameters[position].name; };
  const auto found = std::ranges::lower_bound(by_name, searched, {}, name_of);
  return found != by_name.end() && name_of(*found) == searched ? &parameters[*found] : nullptr;
}

}  // namespace cppstencils::runtime
