// The bounds check against enumeration: a call is refused exactly when some cell accesses an element that does not
// exist, and the refusal names such an access.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <tuple>

#include <fmt/format.h>

#include "cppstencils/runtime/arguments.hpp"
#include "cppstencils/support/error.hpp"
#include "runtime/binding.hpp"
#include "runtime/prepared_kernel.hpp"
#include "support/access_kernel.hpp"
#include "support/random.hpp"

namespace cppstencils {
namespace {

using testing::Random;
using testing::Touch;

struct Case {
  std::vector<ir::Buffer> buffers;
  std::vector<Touch> touches;
  std::vector<IterationRange> ranges;
  std::vector<std::int64_t> extents;
};

Case random_case(Random& random) {
  Case made;
  const auto rank = static_cast<std::size_t>(random.between(1, 3));
  for (std::size_t d = 0; d < rank; ++d) {
    IterationRange range;
    range.start = random.between(-4, 4);
    if (random.chance(70)) range.stop = random.between(-4, 7);
    if (random.chance(40)) range.step = random.between(2, 4);
    made.ranges.push_back(range);
    made.extents.push_back(random.between(random.chance(10) ? 0 : 1, 7));
  }
  const auto count = static_cast<std::size_t>(random.between(1, 3));
  // Mostly small offsets, so that about half of the cases are inside.
  const std::int64_t reach = random.between(0, 2);
  for (std::size_t i = 0; i < count; ++i) {
    made.buffers.push_back({fmt::format("f{}", i), DType::float64, ir::BufferAccess::read, static_cast<int>(rank), {}});
    for (std::int64_t touches = random.between(1, 3); touches-- > 0;) {
      Touch touch;
      touch.buffer = i;
      touch.access = random.chance(25) ? ir::BufferAccess::write : ir::BufferAccess::read;
      for (std::size_t d = 0; d < rank; ++d) touch.offsets.push_back(random.between(-reach, reach));
      made.touches.push_back(touch);
    }
  }
  return made;
}

// The cells of one dimension as Python's range(*slice.indices(extent)) gives them, written without reference to the
// library.
std::vector<std::int64_t> cells_of(const IterationRange& range, std::int64_t extent) {
  std::vector<std::int64_t> cells;
  for (std::int64_t i = 0; i < extent; ++i) {
    const std::int64_t start = range.start < 0 ? std::max<std::int64_t>(range.start + extent, 0) : range.start;
    const std::int64_t stop = !range.stop ? extent : (*range.stop < 0 ? *range.stop + extent : *range.stop);
    if (i >= start && i < stop && (i - start) % range.step == 0) cells.push_back(i);
  }
  return cells;
}

enum class Truth { empty, inside, outside };

struct Enumeration {
  Truth truth = Truth::inside;
  /// Per array, axis and side: how many cells outside the farthest access is.
  std::map<std::tuple<std::size_t, std::size_t, std::string>, std::int64_t> farthest;
};

Enumeration enumerate(const Case& made) {
  Enumeration result;
  std::vector<std::vector<std::int64_t>> cells;
  for (std::size_t d = 0; d < made.ranges.size(); ++d) cells.push_back(cells_of(made.ranges[d], made.extents[d]));
  std::vector<std::size_t> at(cells.size(), 0);
  for (const auto& dimension : cells) {
    if (dimension.empty()) return {Truth::empty, {}};
  }
  for (;;) {
    for (const Touch& touch : made.touches) {
      for (std::size_t d = 0; d < cells.size(); ++d) {
        const std::int64_t coordinate = cells[d][at[d]] + touch.offsets[d];
        if (coordinate >= 0 && coordinate < made.extents[d]) continue;
        result.truth = Truth::outside;
        const bool before = coordinate < 0;
        std::int64_t& farthest = result.farthest[{touch.buffer, d, before ? "before the start of" : "past the end of"}];
        farthest = std::max(farthest, before ? -coordinate : coordinate - made.extents[d] + 1);
      }
    }
    std::size_t d = 0;
    while (d < cells.size() && ++at[d] == cells[d].size()) at[d++] = 0;
    if (d == cells.size()) return result;
  }
}

std::string describe(const Case& made) {
  std::string text;
  for (std::size_t d = 0; d < made.ranges.size(); ++d) {
    text += fmt::format("dimension {}: {}:{}:{} of {}\n", d, made.ranges[d].start,
                        made.ranges[d].stop ? fmt::format("{}", *made.ranges[d].stop) : "", made.ranges[d].step,
                        made.extents[d]);
  }
  for (const Touch& touch : made.touches) {
    text += fmt::format("{} f{} at", ir::to_string(touch.access), touch.buffer);
    for (const std::int64_t offset : touch.offsets) text += fmt::format(" {}", offset);
    text += "\n";
  }
  return text;
}

TEST(BoundsProperty, SameAsEnumeration) {
  alignas(8) static double memory[3][512];
  const std::uint64_t rounds = testing::fuzz_rounds(200'000);
  std::size_t seen[3] = {};
  for (std::uint64_t seed = 0; seed < rounds; ++seed) {
    Random random(seed);
    const Case made = random_case(random);
    const Enumeration enumeration = enumerate(made);
    const Truth truth = enumeration.truth;
    ++seen[static_cast<int>(truth)];

    std::vector<std::int64_t> steps;
    for (const IterationRange& range : made.ranges) steps.push_back(range.step);
    const ir::Kernel kernel = testing::access_kernel(made.buffers, made.touches, steps);
    const runtime::PreparedKernel prepared = runtime::prepare(kernel, testing::parameters_of(kernel), made.ranges);
    std::vector<std::byte> block(runtime::CallFrame::size(prepared));
    const runtime::CallFrame frame(prepared, block.data());
    std::vector<Argument> arguments;
    for (std::size_t i = 0; i < made.buffers.size(); ++i) {
      ArrayRef array{.data = memory[i], .rank = kernel.rank};
      std::int64_t stride = 8;
      for (std::size_t d = made.extents.size(); d-- > 0;) {
        array.extents[d] = made.extents[d];
        array.byte_strides[d] = stride;
        stride *= std::max<std::int64_t>(made.extents[d], 1);
      }
      arguments.emplace_back(made.buffers[i].name, array);
    }

    Truth answer = Truth::inside;
    try {
      if (runtime::bind_arguments(prepared, arguments, frame) == runtime::Box::empty) answer = Truth::empty;
    } catch (const ArgumentError& error) {
      ASSERT_EQ(error.code(), ErrorCode::out_of_bounds) << error.what();
      answer = Truth::outside;
      // The message names an array, a dimension and the number of cells, and that access exists.
      bool is_true = false;
      for (const auto& [where, cells] : enumeration.farthest) {
        const auto& [buffer, axis, side] = where;
        const std::string words =
            fmt::format("array 'f{}' {} cell{} {} dimension {}.", buffer, cells, cells == 1 ? "" : "s", side, axis);
        is_true = is_true || error.message().ends_with(words);
      }
      ASSERT_TRUE(is_true) << "seed " << seed << "\n" << describe(made) << error.what();
    }
    ASSERT_EQ(static_cast<int>(answer), static_cast<int>(truth)) << "seed " << seed << "\n" << describe(made);
  }
  // Each answer is really tried.
  for (const std::size_t count : seen) EXPECT_GE(count * 10, rounds);
}

}  // namespace
}  // namespace cppstencils
