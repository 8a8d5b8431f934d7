// Tuning of compiled kernels: no trace in the arrays, no other bit in the results, and choices that last.

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cppstencils/cppstencils.hpp"
#include "support/cache_testing.hpp"
#include "support/random.hpp"

namespace cppstencils::testing {
namespace {

/// Short: what is measured does not matter here. With so small a gain something else than the own choice may well win.
const TuneOptions brief{.seconds = 0.1, .least_gain = 0};

KernelFunction kernel_of(const AssignmentList& assignments, Tuning tuning = Tuning::off) {
  CreateKernelConfig config{.function_name = "tuned"};
  config.cpu.tuning = tuning;
  return create_kernel(assignments, config);
}

/// Memory with something everywhere, and a view into it.
class Memory {
 public:
  Memory(std::vector<std::int64_t> extents, const std::vector<std::int64_t>& strides, std::int64_t origin,
         std::uint64_t seed)
      : words(6000), view_(words.data() + origin, std::move(extents), strides) {
    Random random(seed);
    for (double& word : words) word = random.fraction();
  }
  const ArrayView<double>& view() const { return view_; }

  std::vector<double> words;

 private:
  ArrayView<double> view_;
};

struct Layout {
  const char* name;
  std::vector<std::int64_t> extents;
  std::vector<std::int64_t> strides;
  std::int64_t origin;
};
const std::vector<Layout> layouts = {
    {"dense", {30, 41}, {41, 1}, 0},          {"unaligned", {30, 41}, {50, 1}, 7},
    {"every second", {20, 41}, {130, 2}, 3},  {"transposed", {30, 41}, {1, 33}, 5},
    {"backwards", {30, 41}, {-45, -1}, 2000}, {"rows backwards", {30, 41}, {-45, 1}, 2000},
};

TEST(LlvmTuning, LeavesNoTraceAndChangesNoBit) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  const std::vector<std::pair<const char*, AssignmentList>> rules = {
      {"to another array", {{v(0, 0), (u(1, 0) + u(-1, 0) + u(0, 1) + u(0, -1)) / 4}}},
      {"in place", {{v(0, 0), v(0, 0) * 2 + u(0, 0)}}},
      {"both", {{v(0, 0), u(0, 1) + v(0, 0)}}},
  };
  LlvmJit jit({.cache = CacheOptions::off()});
  for (const auto& [rule, assignments] : rules) {
    const CompiledKernel compiled = jit.compile(kernel_of(assignments));
    for (const Layout& layout : layouts) {
      SCOPED_TRACE(std::string(rule) + ", " + layout.name);
      const Memory source(layout.extents, layout.strides, layout.origin, 1);
      Memory result(layout.extents, layout.strides, layout.origin, 2);
      const std::vector<double> before = result.words;
      const std::vector<double> source_before = source.words;
      const BoundKernel bound = compiled.bind({{"u", source.view()}, {"v", result.view()}});
      const TunedKernel tuned = bound.tune(brief);
      EXPECT_EQ(result.words, before);
      EXPECT_EQ(source.words, source_before);
      bound();
      const std::vector<double> expected = result.words;
      std::ranges::copy(before, result.words.begin());
      tuned.call();
      EXPECT_EQ(result.words, expected);
      std::ranges::copy(before, result.words.begin());
      tuned.kernel({{"u", source.view()}, {"v", result.view()}});
      EXPECT_EQ(result.words, expected);
      for (const TuningCandidate& candidate : tuned.report.candidates) {
        EXPECT_GT(candidate.median_seconds, 0);
        EXPECT_GT(candidate.rounds, 0);
      }
    }
  }
}

TEST(LlvmTuning, OneArrayUnderTwoNamesIsOneArray) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  CreateKernelConfig config{.function_name = "tuned"};
  const CompiledKernel compiled =
      LlvmJit({.cache = CacheOptions::off()}).compile(create_kernel(assign(v(0, 0), u(0, 0) * 0.5), config));
  Memory memory({30, 41}, {41, 1}, 0, 3);
  const std::vector<double> before = memory.words;
  const BoundKernel bound = compiled.bind({{"u", memory.view()}, {"v", memory.view()}});
  const TunedKernel tuned = bound.tune(brief);
  EXPECT_EQ(memory.words, before);
  tuned.call();
  for (std::size_t i = 0; i < 30 * 41; ++i) ASSERT_EQ(memory.words[i], before[i] * 0.5);
}

TEST(LlvmTuning, LargeCallsAreMeasuredInPart) {
  const auto [u, v] = fields<2>("u, v: double[3D]");
  const CompiledKernel compiled =
      LlvmJit({.cache = CacheOptions::off()}).compile(kernel_of({{v(0, 0, 0), u(0, 0, 0) + 1}}));
  // Most of its pages are never touched.
  const std::int64_t edge = 1600;
  const auto bytes = static_cast<std::size_t>(edge * 40 * 1600) * sizeof(double);
  void* const pages =
      ::mmap(nullptr, 2 * bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(pages, MAP_FAILED);
  auto* const values = static_cast<double*>(pages);
  const ArrayView<double> large(values, {edge, 40, 1600});
  const ArrayView<double> result(values + bytes / sizeof(double), {edge, 40, 1600});
  const TuningReport report = compiled.bind({{"u", large}, {"v", result}}).tune({.seconds = 0.05}).report;
  ::munmap(pages, 2 * bytes);
  EXPECT_EQ(report.cells, edge * 40 * 1600);
  EXPECT_LT(report.measured_cells, report.cells);
  EXPECT_EQ(report.measured_cells % (40 * 1600), 0) << "Whole layers.";
}

/// What calls of other processes find.
class LlvmTuningSaved : public ::testing::Test {
 protected:
  LlvmJitOptions options() const { return {.cache = {.directory = folder_.path()}}; }
  static KernelFunction heat(Tuning tuning) {
    const auto [u, v] = fields<2>("u, v: double[2D]");
    return kernel_of({{v(0, 0), u(1, 0) + u(-1, 0)}}, tuning);
  }

  const TemporaryFolder folder_;
  Array<double> u_{{64, 64}};
  Array<double> v_{{64, 64}};
};

TEST_F(LlvmTuningSaved, AreFoundByOtherJitsOnTheSameCache) {
  const TunedKernel tuned = LlvmJit(options()).compile(heat(Tuning::off)).bind({{"u", u_}, {"v", v_}}).tune(brief);
  const BoundExplanation found = LlvmJit(options()).compile(heat(Tuning::saved)).bind({{"u", u_}, {"v", v_}}).explain();
  const std::string reason = "Tuning has chosen " + to_string(tuned.report.chosen) + ".";
  const bool is_said = std::ranges::find(found.reasons, reason) != found.reasons.end();
  EXPECT_EQ(is_said, tuned.report.chosen != TuningChoice()) << reason;
  // Calls that were not to look do not.
  for (const std::string& other :
       LlvmJit(options()).compile(heat(Tuning::off)).bind({{"u", u_}, {"v", v_}}).explain().reasons) {
    EXPECT_NE(other, reason);
  }
}

TEST_F(LlvmTuningSaved, ACacheThatCannotBeWrittenIsNoError) {
  LlvmJitOptions read_only = options();
  read_only.cache.mode = CacheMode::read_only;
  const CompiledKernel compiled = LlvmJit(read_only).compile(heat(Tuning::saved));
  const TunedKernel tuned = compiled.bind({{"u", u_}, {"v", v_}}).tune(brief);
  tuned.call();
  compiled({{"u", u_}, {"v", v_}});
}

}  // namespace
}  // namespace cppstencils::testing
