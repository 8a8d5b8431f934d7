#include "runtime/binding.hpp"

#include <algorithm>

#include "runtime/argument_matching.hpp"
#include "runtime/array_checks.hpp"
#include "runtime/overlap.hpp"
#include "runtime/reduction_checks.hpp"
#include "runtime/scalar_conversion.hpp"
#include "runtime/scratch_array.hpp"

namespace cppstencils::runtime {

namespace {

void check_arrays(const PreparedKernel& kernel, MatchedArguments& arguments, const CallFrame& frame) {
  ScratchArray<MemoryRange, 24> ranges(kernel.buffers.size());
  for (std::size_t i = 0; i < kernel.buffers.size(); ++i) {
    ranges.data()[i] = check_memory(kernel, i, arguments.array(i), frame);
  }
  check_bounds(kernel, arguments.array(0).extents.data(), frame);
  check_overlap(kernel, arguments, ranges.data());
  check_reduction_memory(kernel, arguments, ranges.data(), frame);
}

}  // namespace

Box bind_arguments(const PreparedKernel& kernel, Arguments arguments, const CallFrame& frame) {
  MatchedArguments matched(kernel);
  match_arguments(kernel, arguments, matched);
  check_places(kernel, matched);
  check_descriptions(kernel, matched);
  check_reductions(kernel, matched);
  const Box box = resolve_box(kernel, matched.array(0).extents.data(), frame);
  switch (box) {
    case Box::empty:
      std::fill_n(frame.data(), kernel.buffers.size() + kernel.reductions.size(), nullptr);
      std::fill_n(frame.strides(), kernel.stride_count, 0);
      break;
    case Box::has_cells:
      check_arrays(kernel, matched, frame);
      break;
  }
  for (std::size_t i = 0; i < kernel.scalars.size(); ++i) {
    convert_scalar(kernel, kernel.scalars[i], matched.scalar(i), frame.scalar(i));
  }
  return box;
}

ir::Variant variant_for(const PreparedKernel& kernel, const StoreUse& store_use, const CallFrame& frame,
                        std::int64_t threads) {
  const auto is_unit = [&](const PreparedBuffer& buffer) {
    return frame.strides()[buffer.first_stride + static_cast<std::size_t>(kernel.innermost)] == 1;
  };
  if (!std::ranges::all_of(kernel.buffers, is_unit)) return {.inner_stride = ir::InnerStride::any};
  return {.inner_stride = ir::InnerStride::unit, .stores = store_use.policy(frame, threads)};
}

}  // namespace cppstencils::runtime
