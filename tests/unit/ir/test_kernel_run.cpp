#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <set>

#include "cppstencils/ir/kernel.hpp"
#include "support/kernel_run.hpp"
#include "support/random_kernel.hpp"

namespace cppstencils::testing {
namespace {

/// Positions of all elements of an array, in elements from the start of its storage.
std::vector<std::int64_t> positions(const RunBuffer& buffer) {
  std::vector<std::int64_t> result{buffer.origin};
  for (std::size_t axis = 0; axis < buffer.extents.size(); ++axis) {
    std::vector<std::int64_t> next;
    for (const std::int64_t start : result) {
      for (std::int64_t i = 0; i < buffer.extents[axis]; ++i) next.push_back(start + i * buffer.strides[axis]);
    }
    result = std::move(next);
  }
  return result;
}

TEST(KernelRun, ElementsAreApartAndInsideTheStorage) {
  for (const StrideMode mode : all_stride_modes) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      SCOPED_TRACE(::testing::Message() << to_string(mode) << ", seed " << seed);
      const RunInputs inputs = make_inputs(random_kernel(seed), seed, mode);
      for (const RunBuffer& buffer : inputs.buffers) {
        const std::vector<std::int64_t> all = positions(buffer);
        EXPECT_EQ(std::set(all.begin(), all.end()).size(), all.size());
        EXPECT_GT(*std::min_element(all.begin(), all.end()), 0);
        EXPECT_LT(*std::max_element(all.begin(), all.end()), buffer.element_count - 1);
        EXPECT_LE(static_cast<std::size_t>(buffer.element_count) * size_of(buffer.dtype), 8 * buffer.words.size());
      }
    }
  }
}

TEST(KernelRun, ModesLeadToTheirVariants) {
  std::set<std::pair<StrideMode, ir::InnerStride>> seen;
  for (const StrideMode mode : all_stride_modes) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      const ir::Kernel kernel = random_kernel(seed);
      seen.emplace(mode, best_variant(kernel, make_inputs(kernel, seed, mode)).inner_stride);
    }
  }
  using enum ir::InnerStride;
  EXPECT_TRUE(seen.contains({StrideMode::contiguous, unit}) && !seen.contains({StrideMode::contiguous, any}));
  EXPECT_TRUE(seen.contains({StrideMode::padded, unit}) && !seen.contains({StrideMode::padded, any}));
  EXPECT_TRUE(seen.contains({StrideMode::spaced, any}) && !seen.contains({StrideMode::spaced, unit}));
  EXPECT_TRUE(seen.contains({StrideMode::negative, any}) && !seen.contains({StrideMode::negative, unit}));
  EXPECT_TRUE(seen.contains({StrideMode::transposed, any}));
}

TEST(KernelRun, TheSameSeedGivesTheSameInputs) {
  const ir::Kernel kernel = random_kernel(5);
  EXPECT_TRUE(
      same_buffers(kernel, make_inputs(kernel, 3, StrideMode::padded), make_inputs(kernel, 3, StrideMode::padded)));
}

ir::Kernel plain_kernel() {
  return ir::parse_kernel(R"(
kernel k(rank 1, strict, independent) {
  buffer u: float64, rank 1, read
  buffer v: float32, rank 1, index (2), write
  scalar h: int32
  loop i0 step 1 {
    store v[0](1) = float32(u[0])
  }
})");
}

/// What `plain_kernel` does, by hand.
extern "C" std::int32_t run_plain(const CppstencilsKernelArguments* arguments, const std::int64_t* begin,
                                  const std::int64_t* end) {
  const auto* u = static_cast<const double*>(arguments->data[0]);
  auto* v = static_cast<float*>(arguments->data[1]);
  const std::int64_t* strides = arguments->strides;
  for (std::int64_t i = begin[0]; i < end[0]; ++i) {
    v[i * strides[1] + strides[2]] = static_cast<float>(u[i * strides[0]]);
  }
  return 0;
}

TEST(KernelRun, RunsAFunctionOfTheKernelAbi) {
  const ir::Kernel kernel = plain_kernel();
  for (const StrideMode mode : all_stride_modes) {
    SCOPED_TRACE(to_string(mode));
    const RunInputs before = make_inputs(kernel, 1, mode);
    RunInputs whole = before;
    run(whole, {run_plain, nullptr});
    EXPECT_FALSE(same_buffers(kernel, before, whole));
    // The box in two parts gives the same.
    RunInputs parts = before;
    const std::int64_t middle = (before.begin[0] + before.end[0]) / 2;
    run(parts, {run_plain, nullptr}, before.begin, {middle});
    run(parts, {run_plain, nullptr}, {middle}, before.end);
    expect_same(kernel, whole, parts);
  }
}

/// The inputs with other bits in one element of the first buffer.
RunInputs with_element(RunInputs inputs, std::int64_t position, double value) {
  std::memcpy(inputs.buffers[0].bytes() + position * 8, &value, 8);
  return inputs;
}

TEST(KernelRun, OneBitOfDifferenceIsFound) {
  const ir::Kernel kernel = plain_kernel();
  const RunInputs inputs = make_inputs(kernel, 1, StrideMode::spaced);
  const RunBuffer& u = inputs.buffers[0];
  const std::int64_t last = u.origin + 3 * u.strides[0];
  const RunInputs positive = with_element(inputs, last, 0.0);
  const RunInputs negative = with_element(inputs, last, -0.0);
  const ::testing::AssertionResult result = same_buffers(kernel, positive, negative);
  EXPECT_FALSE(result);
  EXPECT_NE(std::string(result.message()).find("Array 'u' (float64) differs at [3]: expected 0 (bits 0x0), got -0"),
            std::string::npos)
      << result.message();
  EXPECT_NE(std::string(result.message()).find("kernel k(rank 1"), std::string::npos);
  EXPECT_NONFATAL_FAILURE(expect_same(plain_kernel(), make_inputs(plain_kernel(), 1, StrideMode::spaced),
                                      make_inputs(plain_kernel(), 2, StrideMode::spaced)),
                          "differs");
}

TEST(KernelRun, StrayWritesAreFound) {
  const ir::Kernel kernel = plain_kernel();
  const RunInputs inputs = make_inputs(kernel, 1, StrideMode::contiguous);
  for (const std::int64_t position : {std::int64_t{0}, inputs.buffers[0].element_count - 1}) {
    const ::testing::AssertionResult result = same_buffers(kernel, inputs, with_element(inputs, position, 99));
    EXPECT_FALSE(result);
    EXPECT_NE(std::string(result.message()).find("outside"), std::string::npos) << result.message();
  }
}

TEST(KernelRun, EveryNanIsEqualToEveryOther) {
  const ir::Kernel kernel = plain_kernel();
  const RunInputs inputs = make_inputs(kernel, 1, StrideMode::contiguous);
  const std::int64_t origin = inputs.buffers[0].origin;
  const RunInputs nan = with_element(inputs, origin, std::nan(""));
  EXPECT_TRUE(same_buffers(kernel, nan, with_element(inputs, origin, -std::nan("7"))));
  EXPECT_FALSE(same_buffers(kernel, nan, with_element(inputs, origin, 1.0)));
}

TEST(KernelRun, SpecialValuesAreOptional) {
  const ir::Kernel kernel = plain_kernel();
  const auto count_special = [&](RandomValues values) {
    int count = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const RunBuffer buffer = make_inputs(kernel, seed, StrideMode::contiguous, values).buffers[0];
      for (const std::uint64_t word : buffer.words) {
        const double value = std::bit_cast<double>(word);
        count += !std::isfinite(value) || (value == 0 ? std::signbit(value) : !std::isnormal(value));
      }
    }
    return count;
  };
  EXPECT_EQ(count_special(RandomValues::ordinary), 0);
  EXPECT_GT(count_special(RandomValues::with_special), 0);
}

}  // namespace
}  // namespace cppstencils::testing
