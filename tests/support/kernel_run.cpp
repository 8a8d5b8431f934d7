#include "support/kernel_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "ir/builder.hpp"
#include "support/random.hpp"
#include "support/random_kernel.hpp"

namespace cppstencils::testing {
namespace {

constexpr std::int64_t guard_elements = 16;

int innermost_dimension(const ir::Kernel& kernel) {
  int dimension = 0;
  const ir::Block* block = &kernel.body;
  while (block != nullptr) {
    const ir::Block* inner = nullptr;
    for (const ir::Stmt& stmt : *block) {
      if (const ir::Loop* loop = std::get_if<ir::Loop>(&stmt.kind)) {
        dimension = loop->dimension;
        inner = &loop->body;
      }
    }
    block = inner;
  }
  return dimension;
}

double special_float(Random& random, DType type) {
  const bool is_single = type == DType::float32;
  const double smallest =
      is_single ? std::numeric_limits<float>::denorm_min() : std::numeric_limits<double>::denorm_min();
  const double largest = is_single ? std::numeric_limits<float>::max() : std::numeric_limits<double>::max();
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector values{-0.0,      infinity, -infinity,    std::nan(""), smallest,
                           -smallest, largest,  7 * smallest, 0.5,          -1.5};
  return random.pick(values);
}

std::uint64_t random_element(Random& random, DType type, RandomValues values) {
  const bool special = values == RandomValues::with_special && random.chance(6);
  if (type == DType::boolean) return random.below(2);
  if (is_float(type)) {
    if (special) return ir::bits_of_float(type, special_float(random, type));
    if (random.chance(3)) return 0;
    return ir::bits_of_float(type, 4 * random.fraction() - 2);
  }
  const std::uint64_t unused = 64 - 8 * size_of(type);
  if (special) {
    const std::uint64_t ones = ~std::uint64_t{0} << unused >> unused;
    return random.pick(std::vector<std::uint64_t>{0, ones, ones >> 1, (ones >> 1) + 1, random.bits() & ones});
  }
  return ir::bits_of_int(type, random.between(is_signed_integer(type) ? -9 : 0, 9));
}

/// The axes from the fastest to the slowest.
std::vector<std::size_t> axis_order(Random& random, std::size_t axes, std::size_t inner, StrideMode mode) {
  std::vector<std::size_t> order(axes);
  std::iota(order.begin(), order.end(), 0);
  switch (mode) {
    case StrideMode::contiguous:
      std::reverse(order.begin(), order.end());
      break;
    case StrideMode::padded:
    case StrideMode::spaced:
    case StrideMode::transposed:
    case StrideMode::negative:
      random.shuffle(order);
      break;
  }
  const auto inner_place = std::find(order.begin(), order.end(), inner);
  switch (mode) {
    case StrideMode::contiguous:
    case StrideMode::padded:
      std::rotate(order.begin(), inner_place, inner_place + 1);
      break;
    case StrideMode::transposed:
      if (axes > 1 && inner_place == order.begin()) std::swap(order[0], order[1]);
      break;
    case StrideMode::spaced:
    case StrideMode::negative:
      break;
  }
  return order;
}

void lay_out(Random& random, RunBuffer& buffer, std::size_t inner, StrideMode mode) {
  const std::size_t axes = buffer.extents.size();
  const bool has_gaps = mode == StrideMode::padded || mode == StrideMode::spaced || mode == StrideMode::negative;
  std::int64_t distance = mode == StrideMode::spaced || mode == StrideMode::negative ? random.between(2, 3) : 1;
  buffer.strides.assign(axes, 0);
  std::int64_t first = 0;
  std::int64_t last = 0;
  for (const std::size_t axis : axis_order(random, axes, inner, mode)) {
    const bool backwards =
        mode == StrideMode::negative || (mode == StrideMode::padded && axis != inner && random.chance(30));
    buffer.strides[axis] = backwards ? -distance : distance;
    const std::int64_t reach = buffer.strides[axis] * (buffer.extents[axis] - 1);
    (backwards ? first : last) += reach;
    distance *= buffer.extents[axis] + (has_gaps ? random.between(0, 3) : 0);
  }
  // The start of the array is shifted at random: no element is promised more than its own alignment.
  buffer.origin = guard_elements - first + random.between(0, 7);
  buffer.element_count = buffer.origin + last + 1 + guard_elements;
}

void fill(Random& random, RunBuffer& buffer, RandomValues values) {
  const std::size_t size = size_of(buffer.dtype);
  buffer.words.assign((static_cast<std::size_t>(buffer.element_count) * size + 7) / 8, 0);
  for (std::int64_t i = 0; i < buffer.element_count; ++i) {
    const std::uint64_t bits = random_element(random, buffer.dtype, values);
    std::memcpy(buffer.bytes() + static_cast<std::size_t>(i) * size, &bits, size);
  }
}

std::uint64_t element_bits(const RunBuffer& buffer, std::int64_t position) {
  const std::size_t size = size_of(buffer.dtype);
  std::uint64_t bits = 0;
  std::memcpy(&bits, buffer.bytes() + static_cast<std::size_t>(position) * size, size);
  return bits;
}

bool is_nan_bits(DType type, std::uint64_t bits) { return is_float(type) && std::isnan(ir::float_value(type, bits)); }

std::string value_text(DType type, std::uint64_t bits) {
  if (is_float(type)) return fmt::format("{} (bits {:#x})", ir::float_value(type, bits), bits);
  if (is_signed_integer(type)) return fmt::format("{}", ir::int_value(type, bits));
  return fmt::format("{}", bits);
}

/// The coordinates of the element at `position`, or where it lies if it is in none of the array's cells.
std::string place_text(const RunBuffer& buffer, std::int64_t position) {
  std::vector<std::int64_t> cell(buffer.extents.size(), 0);
  for (;;) {
    std::int64_t at = buffer.origin;
    for (std::size_t d = 0; d < cell.size(); ++d) at += cell[d] * buffer.strides[d];
    if (at == position) return fmt::format("[{}]", fmt::join(cell, ","));
    std::size_t d = 0;
    while (d < cell.size() && ++cell[d] == buffer.extents[d]) cell[d++] = 0;
    if (d == cell.size()) return fmt::format("outside, {} elements from the origin", position - buffer.origin);
  }
}

/// Empty if there is none.
std::string first_difference(const std::string& name, const RunBuffer& expected, const RunBuffer& actual) {
  const DType type = expected.dtype;
  for (std::int64_t position = 0; position < expected.element_count; ++position) {
    const std::uint64_t a = element_bits(expected, position);
    const std::uint64_t b = element_bits(actual, position);
    if (a == b || (is_nan_bits(type, a) && is_nan_bits(type, b))) continue;
    return fmt::format("Array '{}' ({}) differs at {}: expected {}, got {}.\n", name, cppstencils::to_string(type),
                       place_text(expected, position), value_text(type, a), value_text(type, b));
  }
  return {};
}

std::byte* first_element(RunBuffer& buffer) {
  return buffer.bytes() + static_cast<std::size_t>(buffer.origin) * size_of(buffer.dtype);
}

}  // namespace

std::string_view to_string(StrideMode mode) {
  switch (mode) {
    case StrideMode::contiguous:
      return "contiguous";
    case StrideMode::padded:
      return "padded";
    case StrideMode::spaced:
      return "spaced";
    case StrideMode::transposed:
      return "transposed";
    case StrideMode::negative:
      return "negative";
  }
  return {};
}

RunInputs make_inputs(const ir::Kernel& kernel, std::uint64_t seed, StrideMode mode, RandomValues values) {
  Random random(seed);
  RunInputs inputs;
  const auto inner = static_cast<std::size_t>(innermost_dimension(kernel));
  std::vector<std::int64_t> extents;
  for (std::size_t d = 0; d < static_cast<std::size_t>(kernel.rank); ++d) {
    // Inner boxes are long enough for whole vectors and remainders; some are empty.
    const std::int64_t cells = random.between(random.chance(3) ? 0 : 1, d == inner ? 37 : 5);
    extents.push_back(cells + 2 * random_kernel_ghost_layers);
    inputs.begin.push_back(random_kernel_ghost_layers);
    inputs.end.push_back(random_kernel_ghost_layers + cells);
  }
  for (const ir::Buffer& buffer : kernel.buffers) {
    RunBuffer array;
    array.dtype = buffer.dtype;
    array.extents.assign(extents.begin(), extents.begin() + std::min<std::ptrdiff_t>(buffer.rank, kernel.rank));
    array.extents.insert(array.extents.end(), buffer.index_shape.begin(), buffer.index_shape.end());
    lay_out(random, array, inner, mode);
    fill(random, array, values);
    inputs.buffers.push_back(std::move(array));
  }
  for (const ir::Scalar& scalar : kernel.scalars) {
    inputs.scalars.push_back(random_element(random, scalar.dtype, values));
  }
  for (const ir::Reduction& reduction : kernel.reductions) {
    RunBuffer lanes;
    lanes.dtype = reduction.dtype;
    lanes.extents = {ir::reduction_lanes};
    lay_out(random, lanes, 0, StrideMode::contiguous);
    fill(random, lanes, values);
    inputs.accumulators.push_back(std::move(lanes));
  }
  return inputs;
}

ir::Variant best_variant(const ir::Kernel& kernel, const RunInputs& inputs) {
  const auto inner = static_cast<std::size_t>(innermost_dimension(kernel));
  const bool is_unit = std::all_of(inputs.buffers.begin(), inputs.buffers.end(),
                                   [&](const RunBuffer& buffer) { return buffer.strides[inner] == 1; });
  return {.inner_stride = is_unit ? ir::InnerStride::unit : ir::InnerStride::any};
}

void run(RunInputs& inputs, EntryPoint entry_point) { run(inputs, entry_point, inputs.begin, inputs.end); }

void run(RunInputs& inputs, EntryPoint entry_point, const std::vector<std::int64_t>& begin,
         const std::vector<std::int64_t>& end) {
  std::vector<void*> data;
  std::vector<std::int64_t> strides;
  for (RunBuffer& buffer : inputs.buffers) {
    data.push_back(first_element(buffer));
    strides.insert(strides.end(), buffer.strides.begin(), buffer.strides.end());
  }
  for (RunBuffer& lanes : inputs.accumulators) data.push_back(first_element(lanes));
  std::vector<const void*> scalars;
  for (const std::uint64_t& scalar : inputs.scalars) scalars.push_back(&scalar);
  const CppstencilsKernelArguments arguments{data.data(), strides.data(), scalars.data(), entry_point.context};
  EXPECT_EQ(entry_point.function(&arguments, begin.data(), end.data()), 0);
}

::testing::AssertionResult same_buffers(const ir::Kernel& kernel, const RunInputs& expected, const RunInputs& actual) {
  std::string difference;
  for (std::size_t i = 0; i < expected.buffers.size() && difference.empty(); ++i) {
    difference = first_difference(kernel.buffers[i].name, expected.buffers[i], actual.buffers[i]);
  }
  for (std::size_t i = 0; i < expected.accumulators.size() && difference.empty(); ++i) {
    difference = first_difference(kernel.reductions[i].name, expected.accumulators[i], actual.accumulators[i]);
  }
  if (difference.empty()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << difference << ir::to_string(kernel);
}

void expect_same(const ir::Kernel& kernel, const RunInputs& expected, const RunInputs& actual) {
  EXPECT_TRUE(same_buffers(kernel, expected, actual));
}

}  // namespace cppstencils::testing
